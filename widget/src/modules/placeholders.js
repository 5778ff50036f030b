/**
 * What stands where a held frame would be: says why, and offers to allow it.
 *
 * @import { Core } from '../types.js'
 */

/** @param {Core} core */
export default function placeholders(core) {
  const { words, purposes } = core.experience
  /** @type {WeakMap<HTMLElement, HTMLElement>} */
  const covers = new WeakMap()

  /**
   * @param {HTMLElement} frame
   * @param {string} slug the first of its purposes that is not granted
   */
  function make(frame, slug) {
    const { element, button } = core
    const { host, root } = core.host('consent-placeholder', core.experience, core.nonce)
    const title = purposes.find((one) => one.slug === slug)?.title
    const text = element(
      'p',
      {},
      frame.title && element('b', {}, `${frame.title}\n`),
      words['placeholder'],
    )
    const allowing = button('allow', `${words['placeholder_allow']} ${title}`)
    allowing.addEventListener('click', () => core.allow(slug))
    root.append(
      element(
        'div',
        { class: 'base held', part: 'placeholder' },
        text,
        title ? allowing : null,
      ),
    )
    takeSize(host, frame)
    return host
  }

  core.cover = (frame, slugs) => {
    const wanted = slugs.find((slug) => !core.granted(slug)) ?? ''
    const host = covers.get(frame) ?? make(frame, wanted)
    covers.set(frame, host)
    if (!host.isConnected) frame.before(host)
    frame.style.setProperty('display', 'none', 'important')
  }
  core.uncover = (frame) => {
    const host = covers.get(frame)
    if (!host?.isConnected) return
    const held = document.activeElement === host
    host.remove()
    frame.style.removeProperty('display')
    if (held) frame.focus()
  }
}

/**
 * Take the room the frame had, so that nothing on the page moves.
 *
 * @param {HTMLElement} host
 * @param {HTMLElement} frame
 */
function takeSize(host, frame) {
  host.className = frame.className
  // Added to, not replaced: the host's own style holds the theme.
  for (const side of frame.style)
    host.style.setProperty(side, frame.style.getPropertyValue(side))
  const [width, height] = ['width', 'height'].map((side) => frame.getAttribute(side))
  host.style.display ||= 'inline-grid'
  host.style.width ||= inPixels(width) ?? '100%'
  host.style.minHeight ||= inPixels(height) ?? ''
  host.style.maxWidth ||= '100%'
}

/** @param {string | null | undefined} side */
function inPixels(side) {
  return side ? (/^\d+$/.test(side) ? `${side}px` : side) : undefined
}
