/**
 * What becomes `window.consent`; `consent.d.ts` is its contract with the pages.
 *
 * @import { Action, Answer, Surface } from './types.js'
 */
import { on } from './events.js'

/**
 * @param {object} parts
 * @param {() => Record<string, Answer>} parts.choices
 * @param {(slug: string) => boolean} parts.granted
 * @param {(action: Action, surface: Surface, chosen: (slug: string) => boolean) => void} parts.decide
 * @param {() => void} parts.open
 * @param {() => void} parts.forget
 * @returns {Consent}
 */
export function createApi({ choices, granted, decide, open, forget }) {
  const refuse = () => decide('refuse_all', 'page', () => false)
  /** @type {Consent} */
  const api = {
    get choices() {
      return choices()
    },
    /** @returns {Promise<Consent>} */
    get ready() {
      return Promise.resolve(api)
    },
    granted,
    on,
    accept: () => decide('accept_all', 'page', () => true),
    refuse,
    /** @param {Readonly<Record<string, boolean | Answer>>} said */
    save: (said) =>
      decide('save', 'page', (slug) =>
        // A page may say anything here; only these two are a yes.
        Object.hasOwn(said, slug)
          ? [true, 'granted'].includes(said[slug] ?? '')
          : granted(slug),
      ),
    open,
    reset() {
      // The record must not go on saying yes for someone this device has forgotten.
      if (Object.values(choices()).includes('granted')) refuse()
      forget()
    },
  }
  return api
}
