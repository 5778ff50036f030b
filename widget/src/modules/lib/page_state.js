/**
 * What a page has done so far, for the developer's panel: pure readings, nothing is kept.
 */

/**
 * When the choice in the cookie was made, in milliseconds since 1970; README.md says how
 * the cookie is written.
 *
 * @param {string} cookies of the document
 * @param {string} name
 * @returns {number | undefined}
 */
export function decidedAt(cookies, name) {
  const pair = cookies.split('; ').find((one) => one.startsWith(`${name}=1~`))
  const time = pair?.split('~')[3]
  return time && /^[0-9a-z]+$/.test(time) ? parseInt(time, 36) * 1000 : undefined
}

/**
 * Other origins that were called before a moment, without what may be personal in an
 * address: its query.
 *
 * @param {PerformanceEntryList} entries
 * @param {number} origin when the page began
 * @param {number} until
 * @param {string[]} own origins
 * @returns {string[]}
 */
export function calledBefore(entries, origin, until, own) {
  const early = entries.filter(({ startTime }) => origin + startTime < until)
  const addresses = new Set(early.map(({ name }) => name.split(/[?#]/, 1)[0] ?? ''))
  return [...addresses].filter(
    (address) => /^https?:/.test(address) && !own.includes(new URL(address).origin),
  )
}

/**
 * Marked elements, in the page's markup or by auto-block, that wait for an answer.
 *
 * @param {Document} page
 * @param {(slug: string) => boolean} granted
 * @returns {HTMLElement[]}
 */
export function heldElements(page, granted) {
  /** @type {NodeListOf<HTMLElement>} */
  const marked = page.querySelectorAll('[data-purpose]:not(form)')
  return [...marked].filter((element) => {
    const { purpose = '', src, href } = element.dataset
    const waits = element.localName === 'script' || src !== undefined || href !== undefined
    const loads = element.hasAttribute('src') || element.hasAttribute('href')
    return waits && !loads && !purpose.split(' ').every(granted)
  })
}

/**
 * The last states that Google's tags were told, `default` and `update` together.
 *
 * @param {unknown} layer the page's `dataLayer`
 * @returns {Record<string, unknown>}
 */
export function googleStates(layer) {
  const told = Array.isArray(layer) ? layer.map((one) => Object(one)) : []
  const states = told.filter((one) => one[0] === 'consent').map((one) => Object(one[2]))
  return Object.assign({}, ...states)
}
