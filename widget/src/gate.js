/**
 * Holds marked elements back, and shows those that may run: frames, images, style sheets.
 * Scripts are let go by `later/release.js`.
 *
 *     <script type="text/plain" data-purpose="analytics" data-src="https://…"></script>
 *     <iframe data-purpose="video" data-src="https://…"></iframe>
 *     <img data-purpose="ads" data-src="https://…" alt="">
 *     <link rel="stylesheet" data-purpose="fonts" data-href="https://…">
 *
 * @import { Core } from './types.js'
 */
import { webAddress } from './elements.js'

/** @param {Pick<Core, 'configuration' | 'granted' | 'prepare' | 'cover' | 'uncover' | 'later_'>} core */
export function createGate(core) {
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
      core.uncover(element)
    } else {
      element.removeAttribute(name)
      if (element.localName === 'iframe') core.cover(element, purposes)
    }
  }

  return {
    /** Bring every marked element of the page in step with what may run now. */
    apply_() {
      core.prepare()
      // A form’s own properties can be named over by the fields in it. A script none of whose
      // purposes may run needs no look: it stays as it is. `*` is what the head lets go.
      let marks = '[data-purpose]:not(form,script),[data-purpose="*"]'
      for (const { slug_ } of core.configuration.purposes_)
        if (core.granted(slug_)) marks += `,script[data-purpose~="${slug_}"]`
      /** @type {HTMLElement[]} */
      const scripts = []
      for (const element of document.querySelectorAll(marks))
        if (element.localName === 'script') scripts.push(/** @type {any} */ (element))
        else show(/** @type {any} */ (element))
      if (scripts.length) core.later_().release_(scripts)
    },
    /** Let one element go on this page alone. @param {HTMLElement} element */
    once(element) {
      alone.add(element)
      show(element)
    },
  }
}

/**
 * @param {Element} element
 * @returns {string[]} all of which must be granted
 */
export function purposesOf(element) {
  return (element.getAttribute('data-purpose') ?? '').split(' ')
}
