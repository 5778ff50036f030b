/**
 * Events for tag managers: `consent_ready` once on each page, `consent_change` whenever
 * the answers change, both with every answer.
 *
 * @import { Core } from '../types.js'
 */

/**
 * @typedef {object} Settings
 * @property {string} name of the list, `dataLayer` for Google's
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function dataLayer({ on }, settings) {
  const page = /** @type {any} */ (window)

  /** @param {string} event */
  const push = (event) => (/** @type {Record<string, string>} */ choices) =>
    (page[settings.name] ||= []).push({ event, consent: { ...choices } })

  on('ready', push('consent_ready'))
  on('change', push('consent_change'))
}
