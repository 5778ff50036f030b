/**
 * Knows trackers that carry no mark by where they come from: the organisation's own list
 * first, then the catalogue of well-known ones. What nobody has given a purpose has the
 * empty one, which is granted to nobody: in doubt, no.
 *
 * @import { Knowing } from './lib/addresses.js'
 */
import { recogniser } from './lib/addresses.js'

/**
 * @param {Knowing} core
 * @param {{services: string}} settings see `recogniser`
 */
export default function recognise(core, { services }) {
  const find = recogniser(services)
  core.find = (text) => {
    const address = webAddress(text)
    // What the site serves itself is the page, even if others embed it too.
    return address && address.hostname !== location.hostname ? find(address) : undefined
  }
}

/** @param {unknown} text */
function webAddress(text) {
  try {
    return new URL(String(text), document.baseURI)
  } catch {
    // URL throws for one thing only: this is no address.
    return undefined
  }
}
