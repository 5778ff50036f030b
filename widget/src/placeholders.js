/**
 * What stands where a held frame would be: says why, and offers to allow it.
 *
 * @import { Experience } from './types.js'
 */
import { button, createHost, element } from './elements.js'

/**
 * @param {object} parts
 * @param {Experience} parts.experience
 * @param {string} parts.nonce
 * @param {(slug: string) => void} parts.allow
 */
export function createPlaceholders({ experience, nonce, allow }) {
  const { words, purposes } = experience
  /** @type {WeakMap<HTMLElement, HTMLElement>} */
  const covers = new WeakMap()

  /**
   * @param {HTMLElement} frame
   * @param {string} slug
   */
  function make(frame, slug) {
    const { host, root } = createHost('consent-placeholder', experience, nonce)
    const title = purposes.find((one) => one.slug === slug)?.title
    const text = element(
      'p',
      {},
      frame.title && element('b', {}, `${frame.title}\n`),
      words['placeholder'],
    )
    const allowing = button('allow', `${words['placeholder_allow']} ${title}`)
    allowing.addEventListener('click', () => allow(slug))
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

  return {
    /**
     * @param {HTMLElement} frame
     * @param {string} slug
     */
    cover(frame, slug) {
      const host = covers.get(frame) ?? make(frame, slug)
      covers.set(frame, host)
      if (!host.isConnected) frame.before(host)
      frame.style.setProperty('display', 'none', 'important')
    },
    /** @param {HTMLElement} frame */
    uncover(frame) {
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
