/**
 * What the banner does when it is used: opens, closes, answers, and minds the focus.
 *
 * @import { Action, Core, Surface, Whole } from '../types.js'
 */

import { button } from '../elements.js'

/**
 * @param {Core} core
 * @param {(action: Action, surface: Surface, chosen?: (slug: string) => boolean) => void} decide
 */
export function createUse(core, decide) {
  const { root, region, status_: status } = core
  const configuration = /** @type {Whole} */ (core.configuration)
  /** @type {Element | null} */
  let opener = null

  const boxes = () => [...region.querySelectorAll('input')]

  /** @param {string | null} action */
  function act(action) {
    if (action === 'open' || action === 'choose') open()
    else if (action === 'reload') location.reload()
    else if (action === 'close') {
      core.dismissed_ ||= core.view_ === 'first_layer'
      const held = root.activeElement
      core.show_(core.resting_())
      giveBack(held)
    } else {
      const on = new Set(boxes().map(({ name, checked }) => checked && name))
      decide(
        /** @type {Action} */ (action),
        /** @type {Surface} */ (core.view_),
        action === 'save' ? (slug) => on.has(slug) : undefined,
      )
    }
  }

  /**
   * Show the second layer with the answers that stand, at one purpose if named.
   *
   * @param {string} [slug]
   */
  function open(slug) {
    if (core.view_ !== 'second_layer') opener = document.activeElement
    status.className = 'unseen'
    status.replaceChildren()
    core.show_('second_layer')
    const box = boxes().find(({ name }) => name === slug)
    focus(box ?? region.querySelector('h2'))
  }

  /**
   * Give the focus back to where it was, if we had it.
   *
   * @param {Element | null} held
   */
  function giveBack(held) {
    if (!held) return
    const outside = opener !== root.host && opener !== document.body && opener?.isConnected
    if (core.view_ === 'first_layer') focus(region.querySelector('[data-action=choose]'))
    else focus(outside ? opener : core.reopen_)
  }

  return {
    act_: act,
    open_: open,
    /** @param {MouseEvent} event */
    click_({ target, detail }) {
      const pressed = /** @type {Element} */ (target).closest('[data-action]')
      // The second half of a double click on "choose" would land on "save".
      if (pressed && detail < 2) act(pressed.getAttribute('data-action'))
    },
    /**
     * Close after a choice, and say so to those who cannot see it close.
     *
     * @param {boolean} late whether something runs on that only a reload ends
     */
    finish_(late) {
      const [saved = '', why, again] = configuration.said_.slice(8)
      const held = root.activeElement
      // Whichever layer it was, it has been answered.
      core.view_ = undefined
      core.follow()
      status.className = late ? 'purpose' : 'unseen'
      status.replaceChildren(saved)
      if (late) status.append(` ${why}`, button('reload', again, 'plain'))
      // Last: it makes the browser lay the page out.
      giveBack(held)
    },
  }
}

/** @param {Element | null | undefined} target */
function focus(target) {
  ;/** @type {HTMLElement | null | undefined} */ (target)?.focus?.({ preventScroll: true })
}
