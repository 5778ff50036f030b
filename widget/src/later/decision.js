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
 * @param {Pick<Core, 'configuration' | 'layout'>} core
 * @param {Pick<Decision, 'id' | 'visitor' | 'action' | 'surface' | 'choices'>} click
 * @param {Record<string, boolean>} controls of each purpose, whether it stood at yes until then
 * @param {number} now
 * @param {Remembered | null | undefined} before read at the click: another tab may have spoken
 *   since
 * @returns {Decision}
 */
export function stateDecision({ configuration, layout }, click, controls, now, before) {
  const withdraws = click.action === 'refuse_all' && Object.values(controls).includes(true)
  return {
    ...click,
    action: withdraws ? 'withdraw_all' : click.action,
    notice_version: configuration.notice_,
    language: configuration.lang_,
    decided_at: new Date(now).toISOString(),
    previous: before?.id_ || undefined,
    shown: { script: configuration.script_, layout, controls },
    signals: { gpc: privacyControl() },
  }
}
