/**
 * Turns a click into the fact that is sent.
 *
 * @import { Core, Decision, Remembered } from '../types.js'
 */
import { privacyControl } from '../signals.js'

/**
 * The decision exactly as it is sent, naming the one before it. Refusing all after a yes is
 * recorded as a withdrawal.
 *
 * @param {Pick<Core, 'configuration' | 'known_' | 'layout'>} core the answers that stood
 * @param {Pick<Decision, 'id' | 'visitor' | 'action' | 'surface' | 'choices'>} click
 * @param {number} now
 * @param {Remembered | null | undefined} before read at the click: another tab may have spoken
 *   since
 * @returns {Decision}
 */
export function stateDecision({ configuration, known_, layout }, click, now, before) {
  const withdraws = click.action === 'refuse_all' && [...known_.values()].includes('granted')
  /** @type {Record<string, boolean>} */
  const controls = {}
  for (const slug of Object.keys(click.choices)) controls[slug] = known_.get(slug) === 'granted'
  return {
    ...click,
    action: withdraws ? 'withdraw_all' : click.action,
    notice_version: configuration.notice_,
    language: configuration.lang_,
    decided_at: new Date(now).toISOString(),
    ...(before?.id_ && { previous: before.id_ }),
    shown: { script: configuration.script_, layout, controls },
    signals: { gpc: privacyControl() },
  }
}
