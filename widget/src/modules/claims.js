/**
 * Markup that is not ours, and that another module understands: it is rewritten into ours,
 * and then held and let go like it. Comes before every module that claims.
 *
 * @import { Claimed, Core } from '../types.js'
 */

/** @param {Core} core */
export default function claims(core) {
  /** @type {[string, (element: Element) => Claimed | null][]} */
  const made = []

  core.claim = (selector, read) => void made.push([selector, read])
  core.prepare = () => {
    for (const [selector, read] of made)
      for (const element of document.querySelectorAll(selector)) {
        const claimed = element.hasAttribute('data-purpose') ? null : read(element)
        if (claimed) rewrite(element, claimed)
      }
  }
}

/**
 * Put a foreign mark into ours.
 *
 * @param {Element} element
 * @param {Claimed} claimed
 */
function rewrite(element, { purposes, src = element.getAttribute('src'), type }) {
  element.setAttribute('data-purpose', purposes.join(' '))
  if (src !== null) element.setAttribute('data-src', src)
  if (type) element.setAttribute('data-type', type)
  if (element.localName === 'script') element.setAttribute('type', 'text/plain')
  else element.removeAttribute('src')
}
