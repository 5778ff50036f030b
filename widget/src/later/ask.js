/**
 * What a page may do by `window.consent`, each by its name there.
 *
 * @import { Action, Answer, Core } from '../types.js'
 */

/** @param {Pick<Core, 'known_' | 'granted' | 'later_'>} core */
export function createAsk(core) {
  /**
   * @param {Action} action
   * @param {(slug: string) => boolean} [chosen]
   */
  const decide = (action, chosen) => core.later_().decide_(action, 'page', chosen)
  const ask = {
    accept: () => decide('accept_all'),
    refuse: () => decide('refuse_all'),
    /** @param {Readonly<Record<string, boolean | Answer>>} said */
    save: (said) =>
      decide('save', (slug) =>
        // A page may say anything here; only these two are a yes.
        Object.hasOwn(said, slug)
          ? [true, 'granted'].includes(/** @type {any} */ (said[slug]))
          : core.granted(slug),
      ),
    open: () => core.later_().open_(),
    reset() {
      // The record must not go on saying yes for someone this device has forgotten.
      if ([...core.known_.values()].includes('granted')) ask.refuse()
      core.later_().forget_()
    },
  }
  return ask
}
