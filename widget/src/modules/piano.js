/**
 * Piano Analytics (consent version 2): a mode before the SDK starts, and the mode anew
 * whenever the answers change.
 *
 * @import { Core } from '../types.js'
 */
import { allGranted } from './lib/states.js'

/**
 * @typedef {object} Settings
 * @property {string[]} purposes
 * @property {'opt-out' | 'essential'} without the mode while there is no yes
 * @property {string} queue the SDK's `queueVarName`
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function piano({ granted, on }, settings) {
  const { purposes, without, queue } = settings
  const page = /** @type {any} */ (window)
  const data = (page.pdl ||= {})
  let mode = ''

  function follow() {
    const now = allGranted(purposes, granted) ? 'opt-in' : without
    if (mode === now) return
    mode = now
    // Read anew each time: once loaded, the SDK may put its own object there.
    ;(page[queue] ||= []).push(['consent.setMode', mode])
  }

  data.requireConsent = 'v2'
  data.consent = { ...data.consent, defaultPreset: { PA: without } }
  on('change', follow)
  // Said on every page: the SDK remembers the mode of an earlier one by itself, and a yes
  // that has ended since must not live on there.
  follow()
}
