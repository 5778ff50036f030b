/**
 * Stops calls of trackers that are not granted: `fetch`, `XMLHttpRequest`, `sendBeacon`,
 * and pixels that never become part of the page. To the caller it looks like a network
 * that failed, which every tracker is written for.
 *
 * @import { Knowing } from './lib/addresses.js'
 */

/** @param {Knowing} core */
export default function networkGuard(core) {
  /** @param {unknown} address */
  function stopped(address) {
    const known = core.find?.(address)
    if (!known || known.purposes.every(core.granted)) return false
    core.emit('blocked', { url: String(address), ...known, why: 'network' })
    return true
  }

  const { fetch } = window
  window.fetch = function (input, init) {
    const address = input instanceof Request ? input.url : input
    return stopped(address)
      ? Promise.reject(new TypeError('Failed to fetch'))
      : fetch.call(window, input, init)
  }

  const { sendBeacon } = navigator
  navigator.sendBeacon = (address, data) =>
    !stopped(address) && sendBeacon.call(navigator, address, data)

  guardRequests(core, stopped)
  guardPixels(stopped)
}

/**
 * @param {Knowing} core
 * @param {(address: unknown) => boolean} stopped
 */
function guardRequests(core, stopped) {
  const { prototype } = XMLHttpRequest
  const { open, send } = prototype
  /** @type {WeakSet<XMLHttpRequest>} */
  const held = new WeakSet()
  // Opened before this module came, and kept by the line in the head until it was sent.
  core.early = (request, address) => void (stopped(address) && held.add(request))
  prototype.open = function (/** @type {any[]} */ ...given) {
    if (stopped(given[1])) held.add(this)
    else held.delete(this)
    Reflect.apply(open, this, given)
  }
  prototype.send = function (body) {
    if (!held.has(this)) return send.call(this, body)
    setTimeout(() => {
      for (const type of ['error', 'loadend']) this.dispatchEvent(new ProgressEvent(type))
    })
  }
}

/**
 * Images made by scripts load as soon as they have an address, inserted or not.
 *
 * @param {(address: unknown) => boolean} stopped
 */
function guardPixels(stopped) {
  const { prototype } = HTMLImageElement
  const own = Object.getOwnPropertyDescriptor(prototype, 'src')
  if (!own?.set) return
  const { set } = own
  Object.defineProperty(prototype, 'src', {
    ...own,
    set(value) {
      // Part of the page, or marked: auto-block's and the gate's, which let it go later.
      if (this.isConnected || this.hasAttribute('data-purpose') || !stopped(value))
        set.call(this, value)
    },
  })
}
