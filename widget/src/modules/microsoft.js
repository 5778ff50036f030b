/**
 * Microsoft: Universal Event Tracking (UET-1) and Clarity (UET-2), each told denied before
 * anything else and told again whenever the answers change. Without a default, UET takes
 * consent as given.
 *
 * @import { Core } from '../types.js'
 */
import { states } from './lib/states.js'

/**
 * @typedef {object} Settings
 * @property {string[]} ad the purposes of advertising
 * @property {string[]} analytics the purposes of measurement
 * @property {boolean} [uet]
 * @property {boolean} [clarity]
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function microsoft({ granted, on }, settings) {
  const { ad, analytics, uet, clarity } = settings
  const page = /** @type {any} */ (window)

  /**
   * @param {'default' | 'update'} command
   * @param {(slug: string) => boolean} may
   */
  function tell(command, may) {
    // Read anew each time: once loaded, UET puts its own object in the place of the list.
    if (uet) (page.uetq ||= []).push('consent', command, states({ ad_storage: ad }, may))
    // Clarity spells its two with a capital S and wants both.
    if (clarity)
      page.clarity('consentv2', states({ ad_Storage: ad, analytics_Storage: analytics }, may))
  }

  function waiting() {
    ;(page.clarity.q ||= []).push(arguments)
  }

  // The name and the queue that Clarity's own tag would make, and keeps when they exist.
  if (clarity) page.clarity ||= waiting
  tell('default', () => false)
  on('change', () => tell('update', granted))
}
