/**
 * Where the script begins. The server puts the configuration in the place of
 * `__CONSENT_CONFIGURATION__`, as JSON fit for a script, and the modules that this site uses
 * in the place of `__CONSENT_MODULES__`.
 *
 * @import { Configuration, Module } from './types.js'
 */
import { emit } from './events.js'
import { start } from './main.js'

const STARTED = Symbol.for('consent-server')

/**
 * @param {Configuration} configuration
 * @param {Record<string, Module>} modules
 */
function startOnce(configuration, modules) {
  const page = /** @type {any} */ (window)
  // A second copy on the same page would ask twice and record twice.
  if (page[STARTED]) return
  page[STARTED] = true
  const own = document.currentScript
  const nonce = own instanceof HTMLScriptElement ? own.nonce : ''
  const consent = start(configuration, modules, nonce)
  page.consent = Object.freeze(consent)
  emit('ready', consent.choices)
}

try {
  startOnce(__CONSENT_CONFIGURATION__, __CONSENT_MODULES__)
} catch (error) {
  // The page is not ours to break: trackers stay held back, and the page is told why.
  emit('problem', error)
}
