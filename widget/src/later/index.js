/**
 * What only a choice needs: to open and leave the second layer, to decide, to remember, to
 * send, to let scripts go and to clean up.
 *
 * @import { Action, Answer, Core, Decision, Kept, Later, Letter, Remembered, ServerAnswer, Surface } from '../types.js'
 */
import { answerable } from '../choices.js'
import { sheet } from '../hosts.js'
import { emit } from '../events.js'
import { adopt } from './adopt.js'
import { createAsk } from './ask.js'
import { clean, leftOver } from './clean.js'
import { createCovers } from './cover.js'
import { stateDecision } from './decision.js'
import { createMarks } from './marks.js'
import { createRelease } from './release.js'
import { createSender } from './send.js'
import { keepInSight } from './sight.js'
import CSS from './style.css?inline'
import { createUse } from './use.js'
import { weigh } from './weigh.js'
import { cookie, newId, writeCookie } from './write.js'

const HOUR = 36e5
// The frame, and what is let go, come first: nobody waits for what is cleaned up and sent.
const SOON = 50

/**
 * @param {Core} core
 * @param {Event} [near] that somebody is, and about to press something
 * @returns {Later}
 */
export default function createLater(core, near) {
  const { configuration } = core
  const { more_, url_, site_, version_ } = configuration
  Object.assign(configuration, more_?.())
  const clothes = sheet(CSS)
  core.sheets_.push(clothes)
  core.root?.adoptedStyleSheets.push(clothes)
  const send = createSender(`${url_}/v1/sites/${site_}/decisions`, answered)
  const release = createRelease(core)
  const use = createUse(core, decide)
  /** @type {Decision[]} taken, and not stored yet: storage is slow to open */
  const fresh = []

  /**
   * @param {Action} action
   * @param {Surface} surface
   * @param {(slug: string) => boolean} [chosen] of a save
   */
  function decide(action, surface, chosen = () => action === 'accept_all') {
    const before = core.read_()
    const held = core.root.activeElement
    const now = Date.now()
    const id = newId()
    const visitor = before?.visitor_ ?? newId()
    /** @type {Record<string, Answer>} */
    const choices = {}
    /** @type {Map<string, Kept>} */
    const answers = new Map()
    /** @type {Record<string, boolean>} */
    const controls = {}
    for (const { slug_ } of answerable(configuration)) {
      const said = chosen(slug_) ? 'granted' : 'refused'
      choices[slug_] = said
      answers.set(slug_, [/** @type {Letter} */ (said[0]), version_])
      controls[slug_] = core.granted(slug_)
    }
    const click = { id, visitor, action, surface, choices }
    const memory = { visitor_: visitor, id_: id, time_: now, answers_: answers }
    // In the cookie before anything is let go, for a site's own server may ask it.
    keep(memory)
    emit('decision', click)
    // Whichever layer it was, it has been answered.
    core.view_ = ''
    core.follow(memory)
    use.finish_(
      held,
      release.late_((slug) => choices[slug] === 'refused'),
    )
    // Stored and sent a moment later, or as the page is left.
    fresh.push(stateDecision(core, click, controls, now, before))
  }

  /**
   * @param {Decision} decision
   * @param {ServerAnswer} answer
   * @param {number} skew
   */
  function answered({ id, previous }, { code, receipt, standing, ask_again }, skew) {
    const kept = core.read_()
    // A later click has spoken since: its own answer will come.
    if (kept?.id_ !== id) return
    keep({
      ...kept,
      id_: code === 'later_no' ? previous : id,
      // By the server's clock, where this device's is wrong: once set right it asks neither
      // sooner nor later.
      time_: kept.time_ + (Math.abs(skew) > HOUR ? skew : 0),
      receipt_: receipt,
      answers_: adopt(kept.answers_, { ...standing }, ask_again ?? []),
    })
    core.follow()
  }

  /**
   * Remember it; for this page alone where the device may not.
   *
   * @param {Remembered} memory
   */
  function keep(memory) {
    writeCookie(cookie(configuration, (core.unkept_ = memory)))
  }

  /** What a choice has made to do, and nobody waits for. */
  function settle() {
    const kept = core.read_()
    // The device has it: this page need not.
    if (kept !== core.unkept_) core.unkept_ = null
    if (kept) clean((present) => leftOver(/** @type {any} */ (core), present))
    send(fresh.splice(0))
  }

  // What a click needs is compiled by then, for it has run once.
  if (near) {
    const none = /** @type {any} */ ({ time_: 0, answers_: new Map() })
    weigh(configuration, none, 0, /** @type {any} */ (newId))
    cookie(configuration, none)
    stateDecision(core, none, none, 0, none)
    release.release_([])
  }

  return {
    ...use,
    ...release,
    ...createCovers(core),
    ...createMarks(core),
    ask_: createAsk(core),
    decide_: decide,
    /** @param {Remembered | null | undefined} kept */
    weigh_(kept) {
      Object.assign(
        core,
        weigh(configuration, kept, Date.now(), core.unasked ?? (() => undefined)),
      )
      if (kept) setTimeout(settle, SOON)
    },
    /** @param {string} slug */
    allow_(slug) {
      // Before the first choice one yes would have to invent a no to the rest: ask instead.
      if (core.pending_.length) use.open_(slug)
      else decide('save', 'placeholder', (one) => one === slug || core.granted(one))
    },
    /** Ask as at the first visit: a choice of 1970 has ended long ago, and so has its cookie. */
    forget_() {
      // While it is known what was refused.
      settle()
      const kept = core.read_()
      if (kept) keep({ ...kept, time_: 0 })
      core.follow()
    },
    /** For a visitor who has answered before. @param {Remembered} kept */
    begin_(kept) {
      // Some browsers keep a cookie set by a script for days only. Written again it lasts,
      // and still ends six months after the choice it holds; but not one from a clock since
      // set back, which would never end.
      if (kept.time_ <= Date.now()) keep(kept)
    },
    step_() {
      core.follow()
      // At once: this page may be about to end.
      settle()
    },
    sight_: () => keepInSight(core.region),
  }
}
