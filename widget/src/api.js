/**
 * What becomes `window.consent`; `consent.d.ts` is its contract with the pages. What a page
 * may do with it is in `later/ask.js`.
 *
 * @import { Core } from './types.js'
 */
import { on } from './events.js'

/**
 * @param {Pick<Core, 'known_' | 'granted' | 'later_'>} core
 * @returns {Consent}
 */
export function createApi(core) {
  /** @type {any} */
  const api = {
    get choices() {
      return Object.fromEntries(core.known_)
    },
    /** @returns {Promise<Consent>} */
    get ready() {
      return Promise.resolve(api)
    },
    granted: core.granted,
    on,
  }
  for (const name of /** @type {const} */ (['accept', 'refuse', 'save', 'open', 'reset']))
    api[name] = (/** @type {any} */ said) => core.later_().ask_[name](said)
  return api
}
