/**
 * The banner on the page: a region that blocks nothing, and the button that reopens it.
 *
 * @import { Action, Configuration, Surface } from './types.js'
 * @import { Shown } from './layers.js'
 */
import { button, createHost, element } from './elements.js'
import { emit } from './events.js'
import { layer } from './layers.js'

/**
 * @param {Configuration} configuration
 * @param {() => Shown} shown
 * @param {(action: Action, surface: Surface, chosen: (slug: string) => boolean) => void} decide
 */
export function createBanner(configuration, shown, decide) {
  const { words_ } = configuration
  const { host, root } = createHost('consent-banner', configuration)
  const region = element('section', {
    class: 'base bar',
    part: 'banner',
    'aria-labelledby': 'title',
  })
  const reopen = button('open', words_.manage_, 'plain')
  const status = element('p', { role: 'status', class: 'unseen' })
  const corner = element('div', { class: 'base corner' }, status, reopen)
  /** @type {Surface | 'closed' | undefined} */
  let view
  /** Closed on this page without an answer. */
  let dismissed = false
  /** @type {Element | null} */
  let opener = null

  root.append(region, corner)
  root.addEventListener('click', (event) => {
    const { target, detail } = /** @type {MouseEvent} */ (event)
    const pressed = /** @type {Element} */ (target).closest('[data-action]')
    // The second half of a double click on "choose" would land on "save".
    if (pressed && detail < 2) act(pressed.getAttribute('data-action'))
  })
  region.addEventListener('keydown', ({ key }) => {
    // Escape closes and leaves everything as it was found: it is never an answer (A11Y-2).
    if (key === 'Escape') act('close')
  })

  /** @param {Surface | 'closed'} next */
  function show(next) {
    view = next
    corner.hidden = next !== 'closed'
    region.hidden = !corner.hidden
    region.setAttribute('data-view', next)
    region.replaceChildren(
      ...(region.hidden ? [] : layer(configuration, shown(), next === 'second_layer')),
    )
    emit('shown', next)
  }

  /** @param {string | null} action */
  function act(action) {
    const surface = /** @type {Surface} */ (view)
    const on = new Set(
      [...region.querySelectorAll('input')].map(({ name, checked }) => checked && name),
    )
    if (action === 'open' || action === 'choose') open()
    else if (action === 'reload') location.reload()
    else if (action === 'close') {
      dismissed ||= view === 'first_layer'
      leave()
    } else
      decide(/** @type {Action} */ (action), surface, (slug) =>
        action === 'save' ? on.has(slug) : action === 'accept_all',
      )
  }

  /** @returns {'first_layer' | 'closed'} */
  function resting() {
    return !dismissed && shown().pending_.length ? 'first_layer' : 'closed'
  }

  /**
   * Show the second layer with the answers that stand, at one purpose if named.
   *
   * @param {string} [slug]
   */
  function open(slug) {
    if (view !== 'second_layer') opener = document.activeElement
    status.className = 'unseen'
    status.replaceChildren()
    show('second_layer')
    const box = [...region.querySelectorAll('input')].find(({ name }) => name === slug)
    focus(box ?? region.querySelector('h2'))
  }

  /** Go back to where the answers stand, and give the focus back to where it was. */
  function leave() {
    const held = root.activeElement
    show(resting())
    if (!held) return
    const outside = opener !== host && opener !== document.body && opener?.isConnected
    if (view === 'first_layer') focus(region.querySelector('[data-action=choose]'))
    else focus(outside ? opener : reopen)
  }

  return {
    region_: region,
    root_: root,
    open_: open,
    /** Put the banner on the page, first for whoever goes through it by keyboard. */
    mount_() {
      if (!host.isConnected) document.body?.prepend(host)
    },
    /** Ask, or step aside; a second layer someone is reading is left alone. */
    follow_() {
      const next = resting()
      if (view !== 'second_layer' && view !== next) show(next)
    },
    /**
     * Close after a choice, and say so to those who cannot see it close.
     *
     * @param {boolean} late whether something runs on that only a reload ends
     */
    finish_(late) {
      leave()
      status.className = late ? 'purpose' : 'unseen'
      status.replaceChildren(words_.saved_)
      if (late)
        status.append(` ${words_.reload_why_}`, button('reload', words_.reload_, 'plain'))
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
 * Not before someone scrolls or tabs: until then it would only delay the first paint.
 *
 * @param {HTMLElement} region
 */
export function keepPageInSight(region) {
  const { style } = document.documentElement
  const watch = new ResizeObserver(() => {
    style.scrollPaddingBottom = style.paddingBottom = region.hidden
      ? ''
      : `${region.offsetHeight}px`
  })
  for (const type of ['scroll', 'focusin'])
    addEventListener(type, () => watch.observe(region), { once: true, passive: true })
}
