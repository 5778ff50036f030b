/**
 * Turns a click into the fact that is sent.
 *
 * @import { Answer, Configuration, Decision, Remembered } from './types.js'
 */
import { privacyControl } from './signals.js'

/**
 * The decision exactly as it is sent, naming the one before it. Refusing all after a yes is
 * recorded as a withdrawal.
 *
 * @param {Configuration} configuration
 * @param {Pick<Decision, 'id' | 'visitor' | 'action' | 'surface' | 'choices'>} click
 * @param {number} now
 * @param {Remembered | null} before read at the click: another tab may have spoken since
 * @param {Map<string, Answer>} known the answers that stood when it was clicked
 * @param {string} layout
 * @returns {Decision}
 */
export function stateDecision(configuration, click, now, before, known, layout) {
  const withdraws = click.action === 'refuse_all' && [...known.values()].includes('granted')
  const controls = Object.keys(click.choices).map((slug) => [
    slug,
    known.get(slug) === 'granted',
  ])
  return {
    ...click,
    action: withdraws ? 'withdraw_all' : click.action,
    notice_version: configuration.notice_,
    language: configuration.lang_,
    decided_at: new Date(now).toISOString(),
    ...(before?.id_ ? { previous: before.id_ } : {}),
    shown: { script: configuration.script_, layout, controls: Object.fromEntries(controls) },
    signals: { gpc: privacyControl() },
  }
}
