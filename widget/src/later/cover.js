/**
 * What stands where a held frame would be: says why, and offers to show it once or always.
 *
 * @import { Core, Whole } from '../types.js'
 */
import { fill } from '../markup.js'

/** @param {Core} core */
export function createCovers(core) {
  const configuration = /** @type {Whole} */ (core.configuration)
  /** @type {WeakMap<HTMLElement, HTMLElement>} */
  const covers = new WeakMap()

  /**
   * @param {HTMLElement} frame
   * @param {string | undefined} slug the first of its purposes that is not granted
   */
  function make(frame, slug) {
    const { host, root } = core.host('consent-placeholder', configuration)
    const purpose = configuration.purposes_.find(({ slug_ }) => slug_ === slug)
    fill(root, configuration.cover_)
    root.querySelector('b')?.append(frame.title)
    const [once, allow] = /** @type {any} */ (root.querySelectorAll('button'))
    if (purpose) {
      allow.querySelector('b')?.append(purpose.title_)
      once.onclick = () => core.later_().once_(frame)
      allow.onclick = () => core.later_().allow_(purpose.slug_)
    } else {
      // What no purpose of this site covers nobody can allow.
      once.remove()
      allow.remove()
    }
    takeSize(host, frame)
    return host
  }

  return {
    /**
     * @param {HTMLElement} frame
     * @param {string[]} slugs
     */
    cover_(frame, slugs) {
      const wanted = slugs.find((slug) => !core.granted(slug))
      const host = covers.get(frame) ?? make(frame, wanted)
      covers.set(frame, host)
      if (!host.isConnected) frame.before(host)
      frame.style.setProperty('display', 'none', 'important')
    },
    /** @param {HTMLElement} frame */
    uncover_(frame) {
      const host = covers.get(frame)
      if (!host?.isConnected) return
      const held = document.activeElement === host
      host.remove()
      frame.style.removeProperty('display')
      if (held) frame.focus()
    },
  }
}

/**
 * Take the room the frame had, so that nothing on the page moves.
 *
 * @param {HTMLElement} host
 * @param {HTMLElement} frame
 */
function takeSize(host, frame) {
  const { style } = host
  host.className = frame.className
  style.cssText = `display:inline-grid;max-width:100%;${frame.style.cssText}`
  const [width = '100%', height = ''] = ['width', 'height'].map((side) =>
    frame.getAttribute(side)?.replace(/^\d+$/, '$&px'),
  )
  style.width ||= width
  style.minHeight ||= height
}
