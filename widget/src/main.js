/**
 * Wires the parts: what is remembered decides what runs, what is asked and what is sent.
 *
 * @import { Action, Answer, Configuration, Core, Decision, Module, Remembered, ServerAnswer, Surface } from './types.js'
 */
import { createApi } from './api.js'
import { createBanner, keepPageInSight } from './banner.js'
import { adopt, answerable, askAgainAt, mayRun, weigh } from './choices.js'
import { clean, leftOver } from './clean.js'
import { stateDecision } from './decision.js'
import { button, createHost, element } from './elements.js'
import { emit, on } from './events.js'
import { createGate } from './gate.js'
import { newId, openMemory } from './record.js'
import { createSender } from './send.js'

/**
 * Begin to ask, remember, hold back and send; returns what the page may use.
 *
 * @param {Configuration} configuration
 * @param {Record<string, Module>} modules that this site uses
 * @param {string} nonce of our own script, '' where the page uses none
 */
export function start(configuration, modules, nonce) {
  const { url_, site_, modules_, version_, days_ } = configuration
  const memory = openMemory(configuration)
  const sender = createSender(`${url_}/v1/sites/${site_}/decisions`, answered)
  const banner = createBanner(configuration, shown, decide)
  const api = createApi({
    choices: () => Object.fromEntries(known),
    granted,
    decide,
    open: () => banner.open_(),
    forget,
  })
  const nothing = () => undefined
  /** @type {Core} */
  const core = {
    configuration,
    nonce,
    layout: 'bar',
    region: banner.region_,
    root: banner.root_,
    granted,
    answer: (slug) => known.get(slug),
    on,
    emit,
    claim: nothing,
    prepare: nothing,
    unasked: nothing,
    cover: nothing,
    uncover: nothing,
    once: (frame) => gate.once_(frame),
    allow,
    follow,
    element,
    button,
    host: createHost,
    api,
  }
  const gate = createGate(core)
  /** @type {Map<string, Answer>} */
  let known = new Map()
  let at = location.href

  function shown() {
    return weigh(configuration, memory.read_(), Date.now(), core.unasked)
  }

  /** Bring the page in step with what this device remembers. */
  function follow() {
    const before = JSON.stringify([...known])
    known = shown().known_
    gate.apply_()
    clean((present) =>
      leftOver(configuration, present, (slug) => known.get(slug) === 'refused', granted),
    )
    banner.follow_()
    banner.mount_()
    if (JSON.stringify([...known]) !== before) emit('change', api.choices)
  }

  /**
   * @param {Action} action
   * @param {Surface} surface
   * @param {(slug: string) => boolean} chosen
   */
  function decide(action, surface, chosen) {
    const before = memory.read_()
    const now = Date.now()
    const id = newId()
    const visitor = before?.visitor_ ?? newId()
    /** @type {[string, Answer][]} */
    const answers = answerable(configuration).map(({ slug_ }) => [
      slug_,
      chosen(slug_) ? 'granted' : 'refused',
    ])
    const choices = Object.fromEntries(answers)
    const click = { id, visitor, action, surface, choices }
    keep({
      visitor_: visitor,
      id_: id,
      time_: now,
      receipt_: '',
      answers_: new Map(
        answers.map(([slug, said]) => [slug, [said === 'granted' ? 'g' : 'r', version_]]),
      ),
    })
    sender.add_(stateDecision(configuration, click, now, before, known, core.layout))
    emit('decision', click)
    banner.finish_(gate.late_((slug) => choices[slug] === 'refused'))
    follow()
    sender.flush_()
  }

  /** @param {string} slug */
  function allow(slug) {
    // Before the first choice one yes would have to invent a no to the rest: ask instead.
    if (shown().pending_.length) banner.open_(slug)
    else decide('save', 'placeholder', (one) => one === slug || granted(one))
  }

  /**
   * @param {Decision} decision
   * @param {ServerAnswer} answer
   */
  function answered({ id, previous = '' }, { code, receipt, standing, ask_again }) {
    const kept = memory.read_()
    // A later click has spoken since: its own answer will come.
    if (kept?.id_ !== id) return
    keep({
      ...kept,
      id_: code === 'later_no' ? previous : id,
      receipt_: receipt ?? '',
      answers_: adopt(kept.answers_, standing ?? {}, ask_again ?? []),
    })
    follow()
  }

  /** @param {Remembered} remembered */
  function keep(remembered) {
    memory.write_(remembered, askAgainAt(remembered.time_, days_))
  }

  /** Ask as at the first visit: a choice of 1970 has ended long ago, and so has its cookie. */
  function forget() {
    const kept = memory.read_()
    if (kept) keep({ ...kept, time_: 0 })
    follow()
  }

  /** @param {string} slug */
  function granted(slug) {
    return mayRun(configuration, known, slug)
  }

  function step() {
    follow()
    sender.flush_()
  }

  runModules(core, modules, modules_ ?? {})
  const kept = memory.read_()
  // Some browsers keep a cookie set by a script for days only. Written again it lasts, and
  // still ends six months after the choice it holds; but not one from a clock since set
  // back, which would never end.
  if (kept && kept.time_ <= Date.now()) keep(kept)
  step()
  if (core.layout === 'bar') keepPageInSight(banner.region_)
  // What the parser had not reached yet; a page shown again, from the cache too; a line
  // that is back. Captured: `visibilitychange` happens at the document.
  for (const type of ['DOMContentLoaded', 'visibilitychange', 'pageshow', 'online'])
    addEventListener(type, step, true)
  // What other tabs decided, where browsers tell of cookies.
  const { cookieStore } = /** @type {any} */ (window)
  cookieStore?.addEventListener('change', follow)
  // What the page adds, or takes away, later.
  new MutationObserver(() => {
    gate.apply_()
    // Not at once: a page that takes away whatever it does not know must not be fought with.
    requestAnimationFrame(banner.mount_)
    if (location.href !== at) emit('route', (at = location.href))
  }).observe(document, { childList: true, subtree: true })
  return api
}

/**
 * @param {Core} core
 * @param {Record<string, Module>} modules
 * @param {Record<string, any>} settings
 */
function runModules(core, modules, settings) {
  for (const [name, module] of Object.entries(modules))
    try {
      module(core, settings[name])
    } catch (error) {
      // A page may have spoilt what one of them builds on: the visitor is still asked.
      emit('problem', error)
    }
}
