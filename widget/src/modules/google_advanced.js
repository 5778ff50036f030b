/**
 * Google's advanced mode, where somebody has signed for it: auto-block and the network
 * guard let Google's tag and its pings pass before the choice, for they obey the signals
 * (GCM-3). What that tag loads of anybody else, and Google's advertisements, stay held.
 *
 * @import { Knowing } from './lib/addresses.js'
 */

const OBEYING = [
  'googletagmanager.com',
  'google-analytics.com',
  'analytics.google.com',
  'stats.g.doubleclick.net',
  'googleads.g.doubleclick.net',
  'googleadservices.com',
]

/** @param {Knowing} core comes after `recognise`, whose answer it narrows */
export default function googleAdvanced(core) {
  const { find } = core
  if (find) core.find = (address) => (obeys(address) ? undefined : find(address))
}

/** @param {unknown} address */
function obeys(address) {
  try {
    const { hostname } = new URL(String(address), document.baseURI)
    return OBEYING.some((host) => `.${hostname}`.endsWith(`.${host}`))
  } catch {
    // URL throws for one thing only: this is no address.
    return false
  }
}
