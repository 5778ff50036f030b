/**
 * Rules about answers: what stands, what must be asked.
 * Pure: no document, no clock, no storage.
 *
 * @import { Answer, Configuration, Remembered, Weighed } from '../types.js'
 */
import { answerable } from '../choices.js'

const DAY = 864e5

/**
 * The instant from which a choice, yes or no alike, may be asked for again.
 * Six months at least (CNIL 2020-092 §39; Garante 231/2021 6.2).
 *
 * @param {number} decidedAt
 * @param {number} [days] more of them, where the notice says so
 * @returns {number}
 */
export function askAgainAt(decidedAt, days = 0) {
  const date = new Date(decidedAt)
  // A day that the month lacks runs over into the next one: late, never sooner.
  return Math.max(date.setUTCMonth(date.getUTCMonth() + 6), decidedAt + days * DAY)
}

/**
 * The answers that count now, and the purposes to ask about; an expired or superseded
 * answer is none.
 *
 * @param {Configuration} configuration
 * @param {Remembered | null | undefined} remembered
 * @param {number} now
 * @param {(slug: string) => Answer | undefined} unasked what counts where nobody answered
 * @returns {Weighed} `again_`: this visitor has answered before, and words have changed since
 */
export function weigh(configuration, remembered, now, unasked) {
  const lasts = remembered && now < askAgainAt(remembered.time_, configuration.days_)
  /** @type {Map<string, Answer>} */
  const known = new Map()
  const pending = answerable(configuration).filter(({ slug_, floor_ = 1 }) => {
    const [letter, version = 0] = remembered?.answers_.get(slug_) ?? []
    const said = unasked(slug_)
    if (lasts && version >= floor_ && letter !== 's')
      known.set(slug_, letter === 'g' ? 'granted' : 'refused')
    else if (said) known.set(slug_, said)
    // Superseded while this page still carries the old words: asking again with
    // them would lead nowhere, so the next page that brings newer ones asks.
    return !known.has(slug_) && !(letter === 's' && version >= configuration.version_)
  })
  return { known_: known, pending_: pending, again_: lasts && pending[0] }
}
