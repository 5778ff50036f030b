/**
 * Google Consent Mode v2: everything denied before any Google tag, then one update with
 * every signal whenever the answers change (GCM-1).
 *
 * Basic or advanced is not decided here: a marked tag waits for its yes (basic), a tag
 * left unmarked runs at once and obeys these signals (advanced).
 *
 * @import { Core } from '../types.js'
 */
import { states } from './lib/states.js'

/**
 * @typedef {object} Settings
 * @property {Record<string, string[]>} signals each of the seven, with its purposes
 * @property {number} wait milliseconds for which a tag waits for the update
 * @property {boolean} [redaction] ads_data_redaction, unless false
 * @property {boolean} [passthrough] url_passthrough, which puts click ids into addresses
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function google({ granted, on }, settings) {
  const { signals, wait, redaction = true, passthrough } = settings
  const page = /** @type {any} */ (window)
  const layer = (page.dataLayer ||= [])

  // Google's tags know a command by its type: an `arguments` object, never an array.
  function gtag() {
    layer.push(arguments)
  }

  /** @type {(...command: unknown[]) => void} */
  const tell = gtag
  /** What the page's head has said already: a second default would come too late for its tags. */
  const said = () => [...layer].find((one) => one?.[0] === 'consent' && one[1] === 'default')
  /** @type {Record<string, unknown>} */
  const denied = {}
  for (const signal in signals) denied[signal] = 'denied'
  const before = layer[0] && said()
  if (!before) tell('consent', 'default', { ...denied, wait_for_update: wait })
  else if (Object.values(before[2]).includes('granted')) tell('consent', 'update', denied)
  if (redaction) tell('set', 'ads_data_redaction', true)
  if (passthrough) tell('set', 'url_passthrough', true)
  on('change', () => tell('consent', 'update', states(signals, granted)))
}
