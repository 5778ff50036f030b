/**
 * Rules about answers: what stands, what must be asked, what a click states.
 * Pure: no document, no clock, no storage.
 *
 * @import { Action, Answer, Experience, Kept, Purpose, Remembered, State } from './types.js'
 */

const DURATION = /^P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?$/

/**
 * Add an ISO 8601 duration to an instant; null when it is not one.
 *
 * @param {number} instant
 * @param {string} duration
 * @returns {number | null}
 */
export function after(instant, duration) {
  const parts = DURATION.exec(duration)
  if (!parts) return null
  const [years, months, weeks, days] = parts.slice(1).map((part) => Number(part ?? 0))
  const date = new Date(instant)
  // A day that the month lacks runs over into the next one: late, never sooner.
  date.setUTCMonth(date.getUTCMonth() + (years ?? 0) * 12 + (months ?? 0))
  date.setUTCDate(date.getUTCDate() + (weeks ?? 0) * 7 + (days ?? 0))
  return date.getTime()
}

/**
 * The instant from which a choice, yes or no alike, may be asked for again.
 * Six months at least (CNIL 2020-092 §39; Garante 231/2021 6.2).
 *
 * @param {number} decidedAt
 * @param {string} [duration]
 * @returns {number}
 */
export function askAgainAt(decidedAt, duration = 'P6M') {
  return Math.max(
    after(decidedAt, duration) ?? 0,
    /** @type {number} */ (after(decidedAt, 'P6M')),
  )
}

/**
 * The purposes a visitor answers; exempt ones are shown and never asked.
 *
 * @param {Experience} experience
 * @returns {Purpose[]}
 */
export function answerable(experience) {
  return experience.purposes.filter((purpose) => !purpose.exempt)
}

/**
 * The answers that count now, by purpose; an expired or superseded one is no answer.
 *
 * @param {Experience} experience
 * @param {Remembered | null} remembered
 * @param {number} now
 * @returns {Map<string, Answer>}
 */
export function standing(experience, remembered, now) {
  /** @type {Map<string, Answer>} */
  const found = new Map()
  if (!remembered || now >= askAgainAt(remembered.decidedAt, experience.ask_again_after))
    return found
  for (const { slug, floor } of answerable(experience)) {
    const kept = remembered.answers.get(slug)
    if (kept && kept.version >= floor && kept.state !== 'superseded')
      found.set(slug, kept.state)
  }
  return found
}

/**
 * The purposes to ask about now; none means the banner stays away.
 *
 * @param {Experience} experience
 * @param {Remembered | null} remembered
 * @param {number} now
 * @returns {Purpose[]}
 */
export function toAsk(experience, remembered, now) {
  const known = standing(experience, remembered, now)
  return answerable(experience).filter(({ slug }) => {
    const kept = remembered?.answers.get(slug)
    // Superseded while this page still carries the old words: asking again with
    // them would lead nowhere, so the next page that brings newer ones asks.
    const waits = kept?.state === 'superseded' && kept.version >= experience.version
    return !known.has(slug) && !waits
  })
}

/**
 * Tell whether a tracker of this purpose may run; an unknown purpose may not.
 *
 * @param {Experience} experience
 * @param {Map<string, Answer>} known
 * @param {string} slug
 * @returns {boolean}
 */
export function mayRun(experience, known, slug) {
  const purpose = experience.purposes.find((one) => one.slug === slug)
  return !!purpose && (purpose.exempt || known.get(slug) === 'granted')
}

/**
 * One answer for every purpose that has one to give: yes for the chosen, no for the rest.
 *
 * @param {Experience} experience
 * @param {(slug: string) => boolean} chosen
 * @returns {Map<string, Answer>}
 */
export function answerAll(experience, chosen) {
  return new Map(
    answerable(experience).map(({ slug }) => [slug, chosen(slug) ? 'granted' : 'refused']),
  )
}

/**
 * Name a click for the record: refusing all after a yes is a withdrawal.
 *
 * @param {Action} action
 * @param {Map<string, Answer>} known
 * @returns {Action}
 */
export function nameAction(action, known) {
  const withdraws = action === 'refuse_all' && [...known.values()].includes('granted')
  return withdraws ? 'withdraw_all' : action
}

/** @type {Record<string, State>} */
const STATES = {
  granted: 'granted',
  refused: 'refused',
  withdrawn: 'refused',
  objected: 'refused',
}

/**
 * The kept answers after the server has said what stands; in doubt, not a yes.
 *
 * A refusal stays one: of a decision refused whole (`later_no`) the server tells what stood
 * before it, and a yes in there is one this visitor has just taken back.
 *
 * @param {Map<string, Kept>} kept
 * @param {Record<string, string>} said the server's standing by slug
 * @param {string[]} askAgain
 * @returns {Map<string, Kept>}
 */
export function adopt(kept, said, askAgain) {
  const words = new Map(Object.entries(said))
  for (const slug of askAgain) words.set(slug, 'superseded')
  return new Map(
    [...kept].map(([slug, { state, version }]) => {
      const word = state === 'refused' ? state : words.get(slug)
      const adopted =
        word === undefined ? state : Object.hasOwn(STATES, word) ? STATES[word] : undefined
      return [slug, { state: adopted ?? 'superseded', version }]
    }),
  )
}
