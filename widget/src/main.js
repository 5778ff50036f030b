/**
 * Wires what every visit needs: what is remembered decides what runs and what is asked. What
 * only a choice needs is `later/`, which sleeps in the script as text until then.
 *
 * @import { Configuration, Core, Later, Module, Remembered } from './types.js'
 */
import { createApi } from './api.js'
import { createBanner } from './banner.js'
import { answerable, mayRun } from './choices.js'
import { emit, on } from './events.js'
import { apply } from './gate.js'
import { createHosts, sheet } from './hosts.js'
import { readCookies, remembered } from './record.js'
import CSS from './style.css?inline'

/**
 * What begins to ask, remember and hold back, and gives what the page may use. Made, run once
 * and forgotten: what nothing refers to any more takes no memory.
 *
 * @param {Configuration} configuration
 * @param {Record<string, Module>} modules that this site uses
 * @param {string} nonce of our own script, '' where the page uses none
 */
export function starter(configuration, modules, nonce) {
  return (/** @type {string[]} */ cookies) => {
    const sheets = [sheet(configuration.theme_ + CSS)]
    /** @type {Later | undefined} */
    let later
    /** @type {Partial<Core>} */
    const begun = {
      configuration,
      nonce,
      layout: 'bar',
      granted: (slug) => mayRun(configuration, core.known_, slug),
      answer: (slug) => core.known_.get(slug),
      on,
      emit,
      cover: (frame, slugs) => core.later_().cover_(frame, slugs),
      follow,
      host: createHosts(sheets),
      sheets_: sheets,
      known_: new Map(),
      pending_: [],
      later_: (near) => (later ??= __CONSENT_LATER__(core, near)),
      read_: (present = readCookies()) => remembered(configuration, present) || core.unkept_,
    }
    const core = /** @type {Core} */ (begun)
    const api = (core.api = createApi(core))
    Object.assign(core, createBanner(core))

    /**
     * Bring the page in step with what this device remembers.
     *
     * @param {Remembered | null} [kept]
     */
    function follow(kept = core.read_()) {
      const before = String([...core.known_])
      if (kept || core.unasked) core.later_().weigh_(kept)
      else {
        core.known_ = new Map()
        core.pending_ = answerable(configuration)
      }
      apply(core)
      core.follow_()
      core.mount_()
      if (String([...core.known_]) !== before) emit('change', api.choices)
      return kept
    }

    for (const name in modules)
      try {
        modules[name]?.(core, configuration.modules_?.[name])
      } catch (error) {
        // A page may have spoilt what one of them builds on: the visitor is still asked.
        emit('problem', error)
      }
    const kept = follow(core.read_(cookies) || null)
    if (kept) core.later_().begin_(kept)
    const step = () => {
      // Kept for going back to: a page that was never hidden has not been.
      addEventListener('pageshow', step)
      core.later_().step_()
    }
    // A page hidden (and left so), or shown again; a line that is back. Captured: it happens at
    // the document.
    for (const type of ['visibilitychange', 'online']) addEventListener(type, step, true)
    // What other tabs decided: each keeps its decision in storage until it is sent. Nobody
    // uses another one while this has the focus, and for whoever listens the browser fetches
    // what is stored.
    addEventListener('blur', () => addEventListener('storage', () => follow()), { once: true })
    // What the parser had not reached yet, and what the page adds, or takes away, later.
    new MutationObserver(() => {
      apply(core)
      // Not at once: a page that takes away whatever it does not know must not be fought with.
      requestAnimationFrame(core.mount_)
    }).observe(document, { childList: true, subtree: true })
    if (core.layout === 'bar')
      for (const type of ['scroll', 'keydown'])
        addEventListener(type, () => core.later_().sight_(), { once: true })
    return api
  }
}
