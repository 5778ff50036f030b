/**
 * What becomes `window.consent`; `consent.d.ts` is its contract with the pages.
 *
 * @import { Action, Answer, Core } from './types.js'
 */
import { on } from './events.js'

/**
 * @param {Pick<Core, 'known_' | 'granted' | 'later_'>} core
 * @returns {Consent}
 */
export function createApi(core) {
  const { granted } = core
  /**
   * @param {Action} action
   * @param {(slug: string) => boolean} [chosen]
   */
  const decide = (action, chosen) => core.later_().decide_(action, 'page', chosen)
  /** @type {Consent} */
  const api = {
    get choices() {
      return Object.fromEntries(core.known_)
    },
    /** @returns {Promise<Consent>} */
    get ready() {
      return Promise.resolve(api)
    },
    granted,
    on,
    accept: () => decide('accept_all'),
    refuse: () => decide('refuse_all'),
    /** @param {Readonly<Record<string, boolean | Answer>>} said */
    save: (said) =>
      decide('save', (slug) =>
        // A page may say anything here; only these two are a yes.
        Object.hasOwn(said, slug)
          ? [true, 'granted'].includes(/** @type {any} */ (said[slug]))
          : granted(slug),
      ),
    open: () => core.later_().open_(),
    reset() {
      // The record must not go on saying yes for someone this device has forgotten.
      if (Object.values(api.choices).includes('granted')) api.refuse()
      core.later_().forget_()
    },
  }
  return api
}
