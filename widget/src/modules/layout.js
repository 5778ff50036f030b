/**
 * Other places for the banner than the foot of the window, a banner that waits for its
 * answer, and the site's own mark.
 *
 * @import { Core } from '../types.js'
 */
import CSS from './lib/layout.css?inline'

/**
 * @typedef {object} Settings
 * @property {'bar' | 'card' | 'dialog'} [layout]
 * @property {boolean} [modal] the page waits while the banner is open
 * @property {string} [logo] a path on the site itself
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function layout(core, { layout: place = 'bar', modal, logo }) {
  const { region, root, element } = core
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(CSS)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  core.layout = modal ? `${place} modal` : place
  region.classList.add(...core.layout.split(' '))
  if (logo) core.on('shown', () => sign(region, element('img', { src: logo, alt: '' })))
  if (modal) beModal(core)
}

/**
 * The logo is decoration: the notice's title says who asks.
 *
 * @param {HTMLElement} region
 * @param {HTMLElement} image
 */
function sign(region, image) {
  region.querySelector('.body')?.prepend(image)
}

/**
 * While the banner is open nothing else of the page can be reached, by pointer or keyboard
 * (A11Y-1): the browser itself keeps the focus in.
 *
 * @param {Core} core
 */
function beModal({ region, root, on }) {
  /** @type {Set<Element>} those that were not inert before */
  const stilled = new Set()

  function still() {
    const open = !region.hidden
    for (const child of document.body?.children ?? [])
      if (open && child !== root.host && !child.hasAttribute('inert')) {
        stilled.add(child)
        child.setAttribute('inert', '')
      }
    if (open) return
    for (const child of stilled) child.removeAttribute('inert')
    stilled.clear()
  }

  region.setAttribute('role', 'dialog')
  region.setAttribute('aria-modal', 'true')
  on('shown', () => {
    still()
    // Not before it is part of the page.
    if (!region.hidden && !root.activeElement)
      requestAnimationFrame(() => region.querySelector('h2')?.focus({ preventScroll: true }))
  })
  // What the parser, or the page, adds while it is open.
  new MutationObserver(still).observe(document.documentElement, {
    childList: true,
    subtree: true,
  })
}
