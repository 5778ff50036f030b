/**
 * The banner on the page: a region that blocks nothing, and the button that reopens it.
 * What happens when it is used is in `later/`.
 *
 * @import { Core, Surface } from './types.js'
 */
import { emit } from './events.js'
import { fill } from './markup.js'

/** @param {Core} core */
export function createBanner(core) {
  const { configuration } = core
  const { host, root } = core.host('consent-banner', configuration)
  fill(root, configuration.frame_)
  const region = /** @type {HTMLElement} */ (root.firstChild)

  // Who points at the banner is about to press something: by then it is awake.
  root.addEventListener('pointerover', core.later_, { once: true })
  root.addEventListener('click', (event) =>
    core.later_().click_(/** @type {MouseEvent} */ (event)),
  )
  root.addEventListener('keydown', (event) => {
    // Escape closes and leaves everything as it was found: it is never an answer (A11Y-2).
    if (/** @type {KeyboardEvent} */ (event).key === 'Escape') core.later_().act_('close')
  })

  /** @returns {'first_layer' | 'closed'} */
  function resting() {
    return !core.dismissed_ && core.pending_.length ? 'first_layer' : 'closed'
  }

  /**
   * Show a layer, in place of any other.
   *
   * @param {Surface | 'closed'} view
   */
  function show(view) {
    const first = view === 'first_layer'
    // The first one is there when the page begins.
    const layer = first
      ? core.view_ && configuration.frame_.split(/<.?section.*?>/)[1]
      : configuration.second_
    core.view_ = view
    region.hidden = view === 'closed'
    region.setAttribute('data-view', view)
    if (!region.hidden) {
      if (layer) fill(region, layer)
      if (core.again_) core.later_().changed_()
    }
    emit('shown', view)
  }

  return {
    root,
    region,
    resting_: resting,
    show_: show,
    /** Ask, or step aside; a second layer someone is reading is left alone. */
    follow_() {
      const next = resting()
      if (core.view_ !== 'second_layer' && core.view_ !== next) show(next)
    },
    /**
     * Put the banner on the page, before its body: first for whoever goes through it by
     * keyboard, and no business of what styles, moves or replaces the body.
     */
    mount_() {
      if (!host.isConnected) document.head?.after(host)
    },
  }
}
