/**
 * Wires what every visit needs: what is remembered decides what runs and what is asked. What
 * only a choice needs is `later/`, which sleeps in the script as text until then.
 *
 * @import { Configuration, Core, Later, Module } from './types.js'
 */
import { createApi } from './api.js'
import { createBanner } from './banner.js'
import { mayRun, weigh } from './choices.js'
import { button, createHosts, element } from './elements.js'
import { emit, on } from './events.js'
import { createGate } from './gate.js'
import { readCookies, remembered } from './record.js'

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
    const nothing = () => undefined
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
      prepare: nothing,
      unasked: nothing,
      cover: (frame, slugs) => core.later_().cover_(frame, slugs),
      uncover: (frame) => core.later_().uncover_(frame),
      allow: (slug) => core.later_().allow_(slug),
      follow,
      element,
      button,
      host: createHosts(configuration),
      known_: new Map(),
      pending_: [],
      later_: () => (later ??= __CONSENT_LATER__(core)),
      read_: read,
    }
    const core = /** @type {Core} */ (begun)
    Object.assign(core, createBanner(core), createGate(core))
    const api = (core.api = createApi(core))

    function read(present = readCookies()) {
      return remembered(configuration, present) || core.unkept_
    }

    /**
     * Bring the page in step with what this device remembers.
     *
     * @param {string[]} [present]
     */
    function follow(present) {
      const before = String([...core.known_])
      const kept = read(present)
      Object.assign(core, weigh(configuration, kept, Date.now(), core.unasked))
      core.apply_()
      if (kept) core.later_().clean_()
      core.follow_()
      core.mount_()
      if (String([...core.known_]) !== before) emit('change', api.choices)
      return kept
    }

    runModules(core, modules)
    const kept = follow(cookies)
    if (kept) core.later_().begin_(kept)
    const step = () => {
      // Kept for going back to: a page that was never hidden has not been.
      addEventListener('pageshow', step)
      core.later_().step_()
    }
    // A page hidden or shown again; a line that is back. Captured: it happens at the document.
    for (const type of ['visibilitychange', 'online']) addEventListener(type, step, true)
    // What other tabs decided: each keeps its decision in storage until it is sent.
    addEventListener('storage', () => follow())
    // What the parser had not reached yet, and what the page adds, or takes away, later.
    new MutationObserver(() => {
      core.apply_()
      // Not at once: a page that takes away whatever it does not know must not be fought with.
      requestAnimationFrame(core.mount_)
    }).observe(document, { childList: true, subtree: true })
    if (core.layout === 'bar')
      for (const type of ['scroll', 'focusin'])
        addEventListener(type, () => core.later_().sight_(), { once: true })
    return api
  }
}

/**
 * @param {Core} core
 * @param {Record<string, Module>} modules
 */
function runModules(core, modules) {
  for (const name in modules)
    try {
      modules[name]?.(core, core.configuration.modules_?.[name])
    } catch (error) {
      // A page may have spoilt what one of them builds on: the visitor is still asked.
      emit('problem', error)
    }
}
