/**
 * Wires the parts: what is remembered decides what runs, what is asked and what is sent.
 *
 * @import { Action, Answer, Configuration, Core, Decision, Module, Remembered, ServerAnswer, Surface } from './types.js'
 */
import { createApi } from './api.js'
import { LAYOUT, createBanner } from './banner.js'
import { adopt, answerAll, answerable, askAgainAt, mayRun, standing, toAsk } from './choices.js'
import { cookieNames, deleteCookies, leftOver } from './clean.js'
import { remember, stateDecision } from './decision.js'
import { emit, on, problem } from './events.js'
import { createGate } from './gate.js'
import { button, createHost, element } from './elements.js'
import { newId, openMemory } from './record.js'
import { createSender, openOutbox } from './send.js'
import { privacyControl } from './signals.js'

/**
 * Begin to ask, remember, hold back and send; returns what the page may use.
 *
 * @param {Configuration} configuration
 * @param {Record<string, Module>} modules that this site uses
 * @param {string} nonce of our own script, '' where the page uses none
 */
export function start(configuration, modules, nonce) {
  const { experience, endpoint, site, modules: settings = {} } = configuration
  const memory = openMemory()
  const outbox = openOutbox()
  const url = `${endpoint}/v1/sites/${site}/decisions`
  const sender = createSender({ url, outbox, answered })
  const banner = createBanner({ experience, nonce, shown, decide })
  const api = createApi({ choices, granted, decide, open: () => banner.open(), forget })
  const nothing = () => undefined
  /** @type {Core} */
  const core = {
    experience,
    nonce,
    granted,
    answer: (slug) => known.get(slug),
    on,
    emit,
    claim: (selector, read) => gate.claim(selector, read),
    unasked: nothing,
    cover: nothing,
    uncover: nothing,
    allow,
    element,
    button,
    host: createHost,
    api,
  }
  const gate = createGate(core)
  /** @type {Map<string, Answer>} */
  let known = new Map()

  /** Bring the page in step with what this device remembers. */
  function follow() {
    const before = JSON.stringify([...known])
    known = standing(experience, memory.read(), Date.now())
    for (const { slug } of answerable(experience)) {
      const said = known.get(slug) ?? core.unasked(slug)
      if (said) known.set(slug, said)
    }
    gate.apply()
    deleteCookies(leftOver(experience, cookieNames(), refused, granted))
    banner.follow()
    if (JSON.stringify([...known]) !== before) emit('change', choices())
  }

  /**
   * @param {Action} action
   * @param {Surface} surface
   * @param {(slug: string) => boolean} chosen
   */
  function decide(action, surface, chosen) {
    const before = memory.read()
    const click = {
      action,
      surface,
      answers: answerAll(experience, chosen),
      now: Date.now(),
      id: newId(),
      visitor: before?.visitor ?? newId(),
      layout: LAYOUT,
      gpc: privacyControl(),
    }
    keep(remember(click, experience.version))
    outbox.add(stateDecision(configuration, click, before, known))
    banner.finish()
    follow()
    sender.flush()
  }

  /** @param {string} slug */
  function allow(slug) {
    // Before the first choice one yes would have to invent a no to the rest: ask instead.
    if (shown().pending.length) banner.open(slug)
    else decide('save', 'placeholder', (one) => one === slug || granted(one))
  }

  /**
   * @param {Decision} decision
   * @param {ServerAnswer} answer
   */
  function answered(
    decision,
    { code, receipt = '', standing: said = {}, ask_again: again = [] },
  ) {
    const kept = memory.read()
    // A later click has spoken since: its own answer will come.
    if (kept?.decision !== decision.id) return
    const last = code === 'later_no' ? (decision.previous ?? '') : kept.decision
    keep({ ...kept, decision: last, receipt, answers: adopt(kept.answers, said, again) })
    follow()
  }

  /** @param {Remembered} remembered */
  function keep(remembered) {
    memory.write(remembered, askAgainAt(remembered.decidedAt, experience.ask_again_after))
  }

  /** Ask as at the first visit: a choice of 1970 has ended long ago, and so has its cookie. */
  function forget() {
    const kept = memory.read()
    if (kept) keep({ ...kept, decidedAt: 0 })
    follow()
  }

  function shown() {
    const kept = memory.read()
    const now = Date.now()
    const pending = toAsk(experience, kept, now).filter(({ slug }) => !core.unasked(slug))
    const due = !kept || now >= askAgainAt(kept.decidedAt, experience.ask_again_after)
    const receipt = kept?.receipt ? `${endpoint}/v1/receipts/${kept.receipt}` : null
    return { known, pending, again: pending.length > 0 && !due, receipt }
  }

  function choices() {
    return Object.fromEntries(known)
  }

  /** @param {string} slug */
  function granted(slug) {
    return mayRun(experience, known, slug)
  }

  /** @param {string} slug */
  function refused(slug) {
    return known.get(slug) === 'refused'
  }

  function begin() {
    follow()
    if (document.body) banner.mount()
  }

  for (const [name, module] of Object.entries(modules))
    try {
      module(core, settings[name])
    } catch (error) {
      // A page may have spoilt what one of them builds on: the visitor is still asked.
      problem(error)
    }
  const kept = memory.read()
  // Some browsers keep a cookie set by a script for days only. Written again it lasts,
  // and still ends six months after the choice it holds.
  if (kept) keep(kept)
  begin()
  // What the parser had not reached yet.
  document.addEventListener('DOMContentLoaded', begin)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return
    follow()
    sender.flush()
  })
  addEventListener('online', sender.flush)
  sender.flush()

  return api
}
