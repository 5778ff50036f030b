/**
 * Holds marked elements back, and shows those that may run: frames, images, style sheets.
 * Scripts are let go by `release.js`.
 *
 * @import { Core } from '../types.js'
 */
import { purposesOf, webAddress } from './marked.js'

/**
 * @param {Pick<Core, 'granted' | 'cover' | 'later_'>} core
 */
export function createMarks(core) {
  /** @type {WeakSet<Element>} */
  const alone = new WeakSet()

  /** @param {HTMLElement} element */
  function show(element) {
    const name = element.localName === 'link' ? 'href' : 'src'
    const given = element.getAttribute(`data-${name}`)
    if (given === null) return
    const purposes = purposesOf(element)
    const runs = alone.has(element) || purposes.every(core.granted)
    const address = runs && webAddress(given)
    if (address) {
      if (!element.hasAttribute(name)) element.setAttribute(name, address)
      core.later_().uncover_(element)
    } else {
      element.removeAttribute(name)
      if (element.localName === 'iframe') core.cover(element, purposes)
    }
  }

  return {
    /** @param {Iterable<HTMLElement>} elements in the order of the page */
    marks_(elements) {
      /** @type {HTMLElement[]} */
      const scripts = []
      for (const element of elements)
        if (element.localName === 'script') scripts.push(element)
        else show(element)
      core.later_().release_(scripts)
    },
    /** Let one element go on this page alone. @param {HTMLElement} element */
    once_(element) {
      alone.add(element)
      show(element)
    },
  }
}
