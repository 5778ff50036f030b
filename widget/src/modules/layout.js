/**
 * Other places for the banner than the foot of the window, a banner that waits for its
 * answer, and the site's own mark.
 *
 * @import { Core } from '../types.js'
 */
import { element } from './lib/elements.js'
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
  const { region, root } = core
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
 * (A11Y-1): the browser itself keeps the focus in. The banner stands beside the page's body.
 *
 * @param {Core} core
 */
function beModal({ region, root, on }) {
  const still = () => document.body?.toggleAttribute('inert', !region.hidden)

  region.setAttribute('role', 'dialog')
  region.setAttribute('aria-modal', 'true')
  on('shown', () => {
    still()
    // Not before it is part of the page.
    if (!region.hidden && !root.activeElement)
      requestAnimationFrame(() => region.querySelector('h2')?.focus({ preventScroll: true }))
  })
  // A body that the parser had not reached, or that the page has put in its place.
  new MutationObserver(still).observe(document.documentElement, { childList: true })
}
