/**
 * Where the script begins. The server puts the configuration in the place of
 * `__CONSENT_CONFIGURATION__`, as JSON fit for a script.
 *
 * @import { Configuration } from './types.js'
 */
import { emit, problem } from './events.js'
import { start } from './main.js'

const STARTED = Symbol.for('consent-server')

/** @param {Configuration} configuration */
function startOnce(configuration) {
  // A second copy on the same page would ask twice and record twice.
  if (Reflect.has(window, STARTED)) return
  Reflect.set(window, STARTED, true)
  const own = document.currentScript
  const consent = start(configuration, own instanceof HTMLScriptElement ? own.nonce : '')
  Reflect.set(window, 'consent', Object.freeze(consent))
  emit('ready', consent.choices())
}

try {
  startOnce(__CONSENT_CONFIGURATION__)
} catch (error) {
  // The page is not ours to break: trackers stay held back, and the page is told why.
  problem(error)
}
