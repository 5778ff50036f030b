/** What stays open: said plainly, so that nobody takes a proof for more than it is. */
import { WITNESS, label } from './keys.js'

/**
 * @typedef {import('./person.js').Finding} Finding
 * @typedef {import('./check.js').Verdict} Verdict
 */

/**
 * What no part of this file shows.
 *
 * @param {ReturnType<typeof import('./bundle.js').readProofFile>} file
 * @param {Verdict} verdict
 * @param {Finding[]} findings
 * @param {Finding[]} unvouched Of stamps.
 * @returns {Finding[]}
 */
export function whatIsOpen(file, verdict, findings, unvouched) {
  /** @type {Finding[]} */
  const open = []
  if (verdict.ownKeys.length) open.push({ sort: 'not_proved', code: 'own_key' })
  if (!file.stamps.length) open.push({ sort: 'not_proved', code: 'no_stamp' })
  open.push(...unvouched)
  if (!findings.some(({ code }) => code === 'cosigned')) {
    open.push({ sort: 'not_proved', code: 'no_witness' })
    const witnesses = file.keys.filter((key) => key.kind === WITNESS).map(label)
    if (witnesses.length)
      open.push({
        sort: 'not_proved',
        code: 'cosigned_unchecked',
        details: { witnesses: witnesses.join(', ') },
      })
  }
  open.push({ sort: 'not_proved', code: 'later' })
  if ('notice_version' in verdict.record) open.push({ sort: 'not_proved', code: 'words' })
  return open
}
