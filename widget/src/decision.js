/**
 * Turns a click into the fact that is sent and the memory that is kept.
 *
 * @import { Action, Answer, Configuration, Decision, Remembered, Surface } from './types.js'
 */
import { nameAction } from './choices.js'

/**
 * @typedef {object} Click
 * @property {Action} action
 * @property {Surface} surface
 * @property {Map<string, Answer>} answers one for every purpose that is not exempt
 * @property {number} now
 * @property {string} id
 * @property {string} visitor
 * @property {string} layout
 * @property {boolean} gpc
 */

/**
 * The decision exactly as it is sent, naming the one before it.
 *
 * @param {Configuration} configuration
 * @param {Click} click
 * @param {Remembered | null} before read at the click: another tab may have spoken since
 * @param {Map<string, Answer>} known the answers that stood when it was clicked
 * @returns {Decision}
 */
export function stateDecision({ experience, script }, click, before, known) {
  const { id, visitor, surface, layout, gpc } = click
  const controls = [...click.answers.keys()].map((slug) => [
    slug,
    known.get(slug) === 'granted',
  ])
  return {
    id,
    visitor,
    notice_version: experience.notice_version,
    language: experience.language,
    action: nameAction(click.action, known),
    choices: Object.fromEntries(click.answers),
    surface,
    decided_at: new Date(click.now).toISOString(),
    ...(before?.decision ? { previous: before.decision } : {}),
    shown: { script, layout, controls: Object.fromEntries(controls) },
    signals: { gpc },
  }
}

/**
 * The memory of that click.
 *
 * @param {Click} click
 * @param {number} version of the notice it was given under
 * @returns {Remembered}
 */
export function remember({ id, visitor, now, answers }, version) {
  const kept = [...answers].map(
    ([slug, state]) => /** @type {const} */ ([slug, { state, version }]),
  )
  return { visitor, decision: id, decidedAt: now, receipt: '', answers: new Map(kept) }
}
