/**
 * The banner on the page: a region that blocks nothing, and the button that reopens it.
 *
 * @import { Action, Experience, Surface } from './types.js'
 * @import { Shown } from './layers.js'
 */
import { button, createHost, element } from './elements.js'
import { firstLayer, secondLayer } from './layers.js'

export const LAYOUT = 'bar'

/**
 * @param {object} parts
 * @param {Experience} parts.experience
 * @param {string} parts.nonce
 * @param {() => Shown} parts.shown
 * @param {(action: Action, surface: Surface, chosen: (slug: string) => boolean) => void} parts.decide
 */
export function createBanner({ experience, nonce, shown, decide }) {
  const { words } = experience
  const { host, root } = createHost('consent-banner', experience, nonce)
  const region = element('section', {
    class: 'base bar',
    part: 'banner',
    'aria-labelledby': 'title',
  })
  const reopen = button('open', words['manage'], 'base plain open')
  const status = element('p', { class: 'unseen', role: 'status' })
  /** @type {Surface | 'closed' | null} */
  let view = null
  /** @type {Element | null} */
  let opener = null

  root.append(region, reopen, status)
  region.addEventListener('click', ({ target, detail }) => {
    // The second half of a double click on "choose" would land on "save".
    if (detail > 1) return
    const pressed = /** @type {Element} */ (target).closest('[data-action]')
    if (pressed) act(pressed.getAttribute('data-action'))
  })
  region.addEventListener('keydown', ({ key }) => {
    // Escape leaves the second layer as it was found: it is never an answer (A11Y-2).
    if (key === 'Escape' && view === 'second_layer') leave()
  })
  reopen.addEventListener('click', () => open())

  /** @param {Surface | 'closed'} next */
  function show(next) {
    view = next
    region.hidden = next === 'closed'
    reopen.hidden = !region.hidden
    region.setAttribute('data-view', next)
    if (next === 'closed') region.replaceChildren()
    else
      region.replaceChildren(
        ...(next === 'first_layer' ? firstLayer : secondLayer)(experience, shown()),
      )
  }

  /** @param {string | null} action */
  function act(action) {
    const surface = /** @type {Surface} */ (view)
    const boxes = [...region.querySelectorAll('input')]
    if (action === 'choose') open()
    if (action === 'close') leave()
    if (action === 'accept_all') decide(action, surface, () => true)
    if (action === 'refuse_all') decide(action, surface, () => false)
    if (action === 'save')
      decide(action, surface, (slug) =>
        boxes.some(({ name, checked }) => name === slug && checked),
      )
  }

  /**
   * Show the second layer with the answers that stand, at one purpose if named.
   *
   * @param {string} [slug]
   */
  function open(slug) {
    if (view !== 'second_layer') opener = document.activeElement
    status.textContent = ''
    show('second_layer')
    const box = [...region.querySelectorAll('input')].find(({ name }) => name === slug)
    focus(box ?? region.querySelector('h2'))
  }

  /** Go back to where the answers stand, and give the focus back to where it was. */
  function leave() {
    const held = root.activeElement
    show(shown().pending.length ? 'first_layer' : 'closed')
    if (!held) return
    const outside = opener !== host && opener !== document.body && opener?.isConnected
    if (view === 'first_layer') focus(region.querySelector('[data-action=choose]'))
    else focus(outside ? opener : reopen)
  }

  return {
    open,
    /** Put the banner on the page, first for whoever goes through it by keyboard. */
    mount() {
      if (host.isConnected) return
      document.body.prepend(host)
      keepPageInSight(region)
    },
    /** Ask, or step aside; a second layer someone is reading is left alone. */
    follow() {
      const next = shown().pending.length ? 'first_layer' : 'closed'
      if (view !== 'second_layer' && view !== next) show(next)
    },
    /** Close after a choice, and say so to those who cannot see it close. */
    finish() {
      leave()
      status.textContent = words['saved'] ?? ''
    },
  }
}

/** @param {Element | null | undefined} target */
function focus(target) {
  if (target instanceof HTMLElement) target.focus({ preventScroll: true })
}

/**
 * While the banner covers the foot of the window, what the page focuses is scrolled to
 * above it (WCAG 2.4.11); the page's own foot too, which has nothing below to scroll by.
 *
 * @param {HTMLElement} region
 */
function keepPageInSight(region) {
  const { style } = document.documentElement
  const { scrollPaddingBottom, paddingBottom } = style
  new ResizeObserver(() => {
    const height = `${region.offsetHeight}px`
    style.scrollPaddingBottom = region.hidden ? scrollPaddingBottom : height
    style.paddingBottom = region.hidden ? paddingBottom : height
  }).observe(region)
}
