/**
 * Rules about answers: what stands, what must be asked, what a click states.
 * Pure: no document, no clock, no storage.
 *
 * @import { Answer, Configuration, Kept, Purpose, Remembered } from './types.js'
 */

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
 * The purposes a visitor answers; exempt ones are shown and never asked.
 *
 * @param {Configuration} configuration
 * @returns {Purpose[]}
 */
export function answerable({ purposes_ }) {
  return purposes_.filter(({ exempt_ }) => !exempt_)
}

/**
 * The answers that count now, and the purposes to ask about; an expired or superseded
 * answer is none.
 *
 * @param {Configuration} configuration
 * @param {Remembered | null} remembered
 * @param {number} now
 * @param {(slug: string) => Answer | undefined} unasked what counts where nobody answered
 * @returns {{known_: Map<string, Answer>, pending_: Purpose[], again_: boolean}} `again_`:
 *   this visitor has answered before, and words have changed since
 */
export function weigh(configuration, remembered, now, unasked) {
  const lasts = remembered && now < askAgainAt(remembered.time_, configuration.days_)
  /** @type {Map<string, Answer>} */
  const known = new Map()
  const pending = answerable(configuration).filter(({ slug_, floor_ = 1 }) => {
    const [letter, version = 0] = remembered?.answers_.get(slug_) ?? []
    const said = unasked(slug_)
    if (lasts && version >= floor_ && letter !== 's') known.set(slug_, ANSWERS[letter ?? 'r'])
    else if (said) known.set(slug_, said)
    // Superseded while this page still carries the old words: asking again with
    // them would lead nowhere, so the next page that brings newer ones asks.
    return !known.has(slug_) && !(letter === 's' && version >= configuration.version_)
  })
  return { known_: known, pending_: pending, again_: !!lasts && pending.length > 0 }
}

/**
 * Tell whether a tracker of this purpose may run; an unknown purpose may not.
 *
 * @param {Configuration} configuration
 * @param {Map<string, Answer>} known
 * @param {string} slug
 */
export function mayRun({ purposes_ }, known, slug) {
  const purpose = purposes_.find(({ slug_ }) => slug_ === slug)
  return !!purpose && (!!purpose.exempt_ || known.get(slug) === 'granted')
}

/** @type {{g: 'granted', r: 'refused'}} */
const ANSWERS = { g: 'granted', r: 'refused' }

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
  for (const slug of askAgain) words.set(slug, '')
  return new Map(
    [...kept].map(([slug, [letter, version]]) => {
      const word = words.get(slug)
      if (letter === 'r' || word === undefined) return [slug, [letter, version]]
      const refused = /^(refused|withdrawn|objected)$/.test(word)
      return [slug, [word === 'granted' ? 'g' : refused ? 'r' : 's', version]]
    }),
  )
}
