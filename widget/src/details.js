/**
 * The second layer's facts: who, where, how long, in the reader's language.
 *
 * @import { Experience, Purpose, Tracker } from './types.js'
 */
import { direction, element, link } from './elements.js'

const LIFETIME = /^P(?:T(?=\d))?(\d{1,5})([YMWDHS])$/
/** @type {Record<string, string>} */
const UNITS = { Y: 'year', M: 'month', W: 'week', D: 'day', H: 'hour', S: 'second' }

/**
 * A duration as the reader writes it; words that are not a duration stay as they are.
 *
 * @param {string} lifetime
 * @param {Experience} experience
 * @returns {string}
 */
export function lifetimeText(lifetime, { language, words }) {
  const [, count, letter = ''] = LIFETIME.exec(lifetime) ?? []
  if (!count) return words[`lifetime_${lifetime}`] ?? lifetime
  const unit = lifetime.startsWith('PT') && letter === 'M' ? 'minute' : UNITS[letter]
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unitDisplay: 'long',
    unit: /** @type {string} */ (unit),
  }).format(Number(count))
}

/**
 * @param {string | undefined} country
 * @param {string} language
 */
export function countryText(country, language) {
  if (!country || !/^[A-Z]{2}$/.test(country)) return country
  return new Intl.DisplayNames([language], { type: 'region' }).of(country)
}

/**
 * What is behind one purpose, folded away until asked for.
 *
 * @param {Purpose} purpose
 * @param {Experience} experience
 */
export function trackersOf(purpose, experience) {
  const trackers = experience.trackers.filter(({ id }) => purpose.trackers.includes(id))
  if (!trackers.length) return null
  const summary = element('summary', {}, `${experience.words['trackers']} (${trackers.length})`)
  return element(
    'details',
    {},
    summary,
    list(trackers.map((one) => trackerItem(one, experience))),
  )
}

/**
 * @param {Tracker} tracker
 * @param {Experience} experience
 */
function trackerItem(tracker, experience) {
  const { words, language } = experience
  const cookies = (tracker.cookies ?? []).map(({ name, lifetime }) =>
    element('li', {}, `${name} (${lifetimeText(lifetime, experience)})`),
  )
  return [
    element('h4', {}, element('b', {}, tracker.name)),
    facts([
      [words['provider'], tracker.provider],
      [words['country'], countryText(tracker.country, language)],
      [words['safeguard'], named(words, 'safeguard', tracker.safeguard)],
      [words['reason'], named(words, 'exempt', tracker.exemption_reason)],
      [words['cookies'], cookies.length ? element('ul', {}, ...cookies) : null],
    ]),
    tracker.privacy_url ? link(words['privacy'], tracker.privacy_url, words['new_tab']) : null,
  ]
}

/**
 * Who answers for the trackers, each with their own policy.
 *
 * @param {Experience} experience
 */
export function controllersOf({ controllers = [], words }) {
  if (!controllers.length) return null
  const items = controllers.map((one) => [
    element('b', {}, one.name),
    one.role ? `, ${named(words, 'role', one.role)}` : null,
    one.privacy_url
      ? element('div', {}, link(words['privacy'], one.privacy_url, words['new_tab']))
      : null,
  ])
  const summary = element('summary', {}, `${words['controllers']} (${controllers.length})`)
  return element('details', { 'data-controllers': '' }, summary, list(items))
}

/**
 * A word of a closed list in the reader's language, or the organisation's own words.
 *
 * @param {Record<string, string>} words
 * @param {string} kind
 * @param {string | null | undefined} word
 */
function named(words, kind, word) {
  return word ? (words[`${kind}_${word}`] ?? word) : null
}

/** @param {(Node | string | null)[][]} items */
function list(items) {
  return element('ul', { class: 'facts' }, ...items.map((item) => element('li', {}, ...item)))
}

/** @param {[string | undefined, Node | string | null | undefined][]} pairs */
function facts(pairs) {
  const rows = pairs.filter(([, value]) => value)
  return element(
    'dl',
    {},
    ...rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
  )
}

/**
 * The attributes of a text that is not in the language around it.
 *
 * @param {string | undefined} lang
 */
export function spoken(lang) {
  return lang ? { lang, dir: direction(lang) } : {}
}
