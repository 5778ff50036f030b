/**
 * Where the script begins. The server puts the configuration in the place of
 * `__CONSENT_CONFIGURATION__`, as JSON fit for a script, and the modules that this site uses
 * in the place of `__CONSENT_MODULES__`.
 */
import { emit } from './events.js'
import { starter } from './main.js'
import { readCookies } from './record.js'

const STARTED = Symbol.for('consent-server')
const page = /** @type {any} */ (window)

// A second copy on the same page would ask twice and record twice.
if (!page[STARTED]) {
  page[STARTED] = true
  // A page that vouches for scripts by nonce has one; elsewhere none is asked for its own.
  const nonce = document.querySelector('[nonce]') ? document.currentScript?.nonce : ''
  // Before anything else runs; but not from in here: the browser notes who reads cookies, and
  // parses every function on the way to it once more.
  Promise.resolve()
    .then(readCookies)
    .then(starter(__CONSENT_CONFIGURATION__, __CONSENT_MODULES__, nonce ?? ''))
    .then((consent) => {
      page.consent = Object.freeze(consent)
      emit('ready', consent.choices)
    })
    // The page is not ours to break: trackers stay held back, and the page is told why.
    .catch((error) => emit('problem', error))
}
