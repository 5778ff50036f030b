/**
 * Puts markup that our server has written into our own shadow root. Every text in it was
 * escaped there, and the browser's own sanitizer, where it has one, lets nothing run.
 */
import { emit } from './events.js'

/** @type {{createHTML?: any, createScriptURL?: any, createScript?: any} | undefined} */
let policy

/**
 * @param {Element | ShadowRoot} place
 * @param {string} markup
 */
export function fill(place, markup) {
  // Asked of shadow roots: an early draft, of elements alone, meant something else by it.
  if ('setHTML' in ShadowRoot.prototype)
    /** @type {any} */ (place).setHTML(markup, { sanitizer: {} })
  // eslint-disable-next-line no-restricted-properties -- the one place; our server's own words
  else place.innerHTML = trusted().createHTML(markup)
}

/**
 * Under `require-trusted-types-for 'script'` markup, an address or a text must be vouched for.
 *
 * @returns {Record<'createHTML' | 'createScriptURL' | 'createScript', (text: string) => string>}
 */
export function trusted() {
  /** @param {string} text */
  const same = (text) => text
  const rules = { createHTML: same, createScriptURL: same, createScript: same }
  try {
    policy ??= /** @type {any} */ (window).trustedTypes?.createPolicy('consent', rules)
  } catch (error) {
    // The page names the policies it allows, and ours is not among them.
    emit('problem', error)
  }
  return /** @type {any} */ (policy ??= rules)
}
