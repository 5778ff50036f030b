/**
 * What stands where a held frame would be: says why, and offers to show it once or always.
 *
 * @import { Core } from '../types.js'
 */

/** @param {Core} core */
export default function placeholders(core) {
  const { words_, purposes_ } = core.configuration
  /** @type {WeakMap<HTMLElement, HTMLElement>} */
  const covers = new WeakMap()

  /**
   * @param {HTMLElement} frame
   * @param {string} slug the first of its purposes that is not granted
   */
  function make(frame, slug) {
    const { element, button } = core
    const { host, root } = core.host('consent-placeholder', core.configuration)
    const title = purposes_.find(({ slug_ }) => slug_ === slug)?.title_
    const [once, always] = [
      button('once', words_.once_),
      button('allow', `${words_.placeholder_allow_} ${title}`),
    ]
    once.onclick = () => core.once(frame)
    always.onclick = () => core.allow(slug)
    root.append(
      element(
        'div',
        { class: 'base held', part: 'placeholder' },
        frame.title && element('b', {}, frame.title),
        element('p', {}, words_.placeholder_),
        ...(title ? [once, always] : []),
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
  const { style } = host
  host.className = frame.className
  // Before its own, which holds the theme.
  style.cssText = frame.style.cssText + style.cssText
  const [width = '100%', height = ''] = ['width', 'height'].map((side) =>
    frame.getAttribute(side)?.replace(/^\d+$/, '$&px'),
  )
  style.display ||= 'inline-grid'
  style.width ||= width
  style.minHeight ||= height
  style.maxWidth ||= '100%'
}
