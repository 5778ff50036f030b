/**
 * Matomo: told to require consent before anything else, then whether it is given.
 *
 * @import { Core } from '../types.js'
 */
import { allGranted } from './lib/states.js'

/**
 * @typedef {object} Settings
 * @property {string[]} purposes
 * @property {boolean} [cookies] only cookies wait for consent; visits are counted without
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function matomo({ granted, on }, settings) {
  const page = /** @type {any} */ (window)
  const what = settings.cookies ? 'CookieConsent' : 'Consent'
  let given = false

  /** @param {string} command */
  // Read anew each time: once loaded, Matomo puts its own object in the place of the list.
  const tell = (command) => (page._paq ||= []).push([command])

  function follow() {
    if (given === allGranted(settings.purposes, granted)) return
    given = !given
    // Never `remember…`: the choice is remembered in our cookie alone. `forget…` sets a
    // cookie of its own, so it is said to take back a yes and not at every refusal.
    tell(given ? `set${what}Given` : `forget${what}Given`)
  }

  tell(`require${what}`)
  on('change', follow)
}
