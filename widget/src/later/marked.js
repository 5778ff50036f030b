/** What a marked element says. */

/**
 * The absolute http(s) address, or null: `javascript:` and `data:` never pass.
 *
 * @param {string | null | undefined} text
 * @returns {string | null}
 */
export function webAddress(text) {
  try {
    const { href } = new URL(/** @type {string} */ (text), document.baseURI)
    return text && /^https?:/.test(href) ? href : null
  } catch {
    // URL throws for one thing only: this is no address.
    return null
  }
}

/**
 * @param {Element} element
 * @returns {string[]} all of which must be granted
 */
export function purposesOf(element) {
  return (element.getAttribute('data-purpose') ?? '').split(' ')
}
