/**
 * The banner on the page: a region that blocks nothing, and the button that reopens it.
 * What happens when it is used is in `later/`.
 *
 * @import { Core, Surface } from './types.js'
 */
import { button, element } from './elements.js'
import { emit } from './events.js'
import { layer } from './layers.js'

/** @param {Core} core */
export function createBanner(core) {
  const { host, root } = core.host('consent-banner', core.configuration)
  const region = element('section', {
    class: 'base bar',
    part: 'banner',
    'aria-labelledby': 'title',
  })
  const reopen = button('open', core.configuration.ask_[2], 'plain')
  const status = element('p', { role: 'status', class: 'unseen' })
  const corner = element('div', { class: 'base corner' }, status, reopen)

  root.append(region, corner)
  root.addEventListener('click', (event) =>
    core.later_().click_(/** @type {MouseEvent} */ (event)),
  )
  region.addEventListener('keydown', ({ key }) => {
    // Escape closes and leaves everything as it was found: it is never an answer (A11Y-2).
    if (key === 'Escape') core.later_().act_('close')
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
    core.view_ = view
    corner.hidden = view !== 'closed'
    region.hidden = !corner.hidden
    region.setAttribute('data-view', view)
    region.replaceChildren(
      ...(region.hidden
        ? []
        : layer(core, view === 'second_layer' ? core.later_().second_() : [])),
    )
    emit('shown', view)
  }

  return {
    root,
    region,
    reopen_: reopen,
    status_: status,
    resting_: resting,
    show_: show,
    /** Ask, or step aside; a second layer someone is reading is left alone. */
    follow_() {
      const next = resting()
      if (core.view_ !== 'second_layer' && core.view_ !== next) show(next)
    },
    /** Put the banner on the page, first for whoever goes through it by keyboard. */
    mount_() {
      if (!host.isConnected) document.body?.prepend(host)
    },
  }
}
