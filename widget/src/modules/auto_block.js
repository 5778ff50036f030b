/**
 * Holds scripts, frames, images and style sheets that carry no mark and are recognised by
 * their address: what the page's markup brings from now on, and what its scripts make.
 * Without the line in the head what came before our script has run already.
 *
 * @import { Knowing } from './lib/addresses.js'
 */

/** The property that makes each kind of element load. */
/** @type {Record<string, string>} */
const LOADS = { script: 'src', iframe: 'src', img: 'src', link: 'href' }
const SELECTOR = 'script[src],iframe[src],img[src],link[rel~=stylesheet][href]'

/** @param {Knowing} core */
export default function autoBlock(core) {
  // A script runs once: what has run, or may, is never marked and so never run again.
  /** @type {WeakSet<Element>} */
  const settled = new WeakSet(document.scripts)
  // Nobody's, and still where it was: the page is looked through at each of its changes.
  /** @type {WeakMap<Element, string | null>} */
  const nobodys = new WeakMap()

  /**
   * @param {Element} element
   * @param {unknown} address
   * @returns {string[] | null} the purposes it waits for
   */
  function held(element, address) {
    const known = core.find?.(address)
    if (!known || known.purposes.every(core.granted)) return null
    core.emit('blocked', { element, url: String(address), ...known, why: 'recognised' })
    return known.purposes
  }

  core.claim(SELECTOR, (element) => {
    const name = LOADS[element.localName] ?? ''
    const address = element.getAttribute(name)
    if (settled.has(element) || nobodys.get(element) === address) return null
    if (!core.find?.(address)) nobodys.set(element, address)
    const purposes = held(element, address)
    if (element.localName === 'script') settled.add(element)
    return purposes && claimed(element, address, purposes)
  })

  /**
   * A script of the page gives an element its address: hold it before it is inserted, when
   * it would load at once.
   *
   * @param {Element} element
   * @param {string} name of the attribute
   * @param {unknown} value
   * @returns {boolean} whether it has been held
   */
  function hold(element, name, value) {
    // Marked elements are the gate's.
    if (LOADS[element.localName] !== name || element.hasAttribute('data-purpose')) return false
    const purposes = held(element, value)
    if (!purposes) return false
    const type = element.getAttribute('type')
    element.setAttribute('data-purpose', purposes.join(' '))
    element.setAttribute(`data-${name}`, String(value))
    if (element instanceof HTMLScriptElement) {
      if (type) element.setAttribute('data-type', type)
      element.type = 'text/plain'
      // Made by a script that the page trusts, which markup injected there is not.
      element.nonce ||= core.nonce
    }
    return true
  }

  for (const [kind, name] of [
    [HTMLScriptElement, 'src'],
    [HTMLIFrameElement, 'src'],
    [HTMLImageElement, 'src'],
    [HTMLLinkElement, 'href'],
  ])
    guardProperty(/** @type {typeof HTMLElement} */ (kind), String(name), hold)
  const { setAttribute } = Element.prototype
  Element.prototype.setAttribute = function (name, value) {
    const given = String(name).toLowerCase()
    if (!hold(this, given, value)) setAttribute.call(this, name, value)
  }
}

/**
 * @param {Element} element
 * @param {string | null} address
 * @param {string[]} purposes
 */
function claimed(element, address, purposes) {
  const type = element.localName === 'script' && element.getAttribute('type')
  if (element.localName === 'link') element.setAttribute('data-href', address ?? '')
  return { purposes, ...(type ? { type } : {}) }
}

/**
 * @param {typeof HTMLElement} kind
 * @param {string} name
 * @param {(element: Element, name: string, value: unknown) => boolean} hold
 */
function guardProperty({ prototype }, name, hold) {
  const own = Object.getOwnPropertyDescriptor(prototype, name)
  if (!own?.set) return
  const { set } = own
  Object.defineProperty(prototype, name, {
    ...own,
    set(value) {
      if (!hold(this, name, value)) set.call(this, value)
    },
  })
}
