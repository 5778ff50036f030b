/**
 * What the banner does when it is used: opens, closes, answers, and minds the focus.
 *
 * @import { Action, Core, Surface, Whole } from '../types.js'
 */

const SOON = 50

/**
 * @param {Core} core
 * @param {(action: Action, surface: Surface, chosen?: (slug: string) => boolean) => void} decide
 */
export function createUse(core, decide) {
  const { root, region } = core
  const configuration = /** @type {Whole} */ (core.configuration)
  const [status, reload, reopen] = /** @type {[HTMLElement, HTMLElement, HTMLElement]} */ ([
    ...root.querySelectorAll('.corner>*'),
  ])
  /** @type {Element | null} */
  let opener = null

  /** @param {string | null} action */
  function act(action) {
    if (action === 'open' || action === 'choose') open()
    else if (action === 'reload') location.reload()
    else if (action === 'close') {
      if (region.hidden) return
      core.dismissed_ ||= core.view_ === 'first_layer'
      const held = root.activeElement
      core.show_(core.resting_())
      giveBack(held)
    } else {
      decide(
        /** @type {Action} */ (action),
        /** @type {Surface} */ (core.view_),
        action === 'save'
          ? (slug) => !!region.querySelector(`[name="${slug}"]:checked`)
          : undefined,
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
    say()
    core.show_('second_layer')
    let at
    for (const box of region.querySelectorAll('input')) {
      box.checked = core.known_.get(box.name) === 'granted'
      if (box.name === slug) at = box
    }
    // The visitor's own record, for whoever has one; in a strict site's code it is there.
    if (core.read_() && !configuration.modules_?.['record'])
      import(
        `${configuration.url_}/w/${configuration.site_}.record.js?lang=${configuration.lang_}`
      ).then(
        (late) => late.default(core),
        // Our server is away: the browser says so, and nobody can see a record now.
        () => 0,
      )
    focus(at ?? region.querySelector('h2'))
  }

  /**
   * Say it to those who do not see; to all, with a way to reload, where that is wanted.
   *
   * @param {string | undefined} text
   * @param {boolean} [late]
   */
  function say(text = '', late) {
    status.className = late ? 'purpose' : 'unseen'
    status.textContent = text
    reload.hidden = !late
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
    else focus(outside ? opener : reopen)
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
    /** Say to who has answered before what changed since. */
    changed_() {
      const titles = core.pending_.map(({ title_ }) => title_).join(', ')
      region.querySelector('p')?.append(`${configuration.said_[2]} ${titles}`)
    },
    /**
     * Close after a choice, and say so to those who cannot see it close.
     *
     * @param {Element | null} held what of us had the focus
     * @param {boolean} late whether something runs on that only a reload ends
     */
    finish_(held, late) {
      // The frame without the banner is drawn sooner with nothing in its place: the button
      // that reopens it comes after, and the focus, for which a page is laid out.
      reopen.hidden = region.contains(held)
      setTimeout(() => {
        reopen.hidden = false
        // Unless the page has put it somewhere meanwhile, as one that was told may.
        if (root.activeElement || document.activeElement === document.body) giveBack(held)
      }, SOON)
      // Later still: what is said while all else changes is easily not heard.
      setTimeout(say, 2 * SOON, configuration.said_.slice(0, 1 + +late).join(' '), late)
    },
  }
}

/** @param {Element | null | undefined} target */
function focus(target) {
  ;/** @type {HTMLElement | null | undefined} */ (target)?.focus?.({ preventScroll: true })
}
