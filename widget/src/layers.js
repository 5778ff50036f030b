/**
 * The two layers: what is asked, in the notice's words.
 *
 * @import { Answer, Experience, Purpose } from './types.js'
 */
import { button, element, link } from './elements.js'
import { controllersOf, spoken, trackersOf } from './details.js'

/**
 * @typedef {object} Shown what the layers need to know beside the experience
 * @property {Map<string, Answer>} known the answers that stand
 * @property {Purpose[]} pending those to ask about; none means the banner stays away
 * @property {boolean} again whether this visitor has answered before, and words changed since
 * @property {string | null} receipt the address of the person's receipt
 */

/**
 * The question, and three answers of equal weight.
 *
 * @param {Experience} experience
 * @param {Shown} shown
 */
export function firstLayer(experience, { pending, again }) {
  const { words, purposes } = experience
  const asked = purposes.filter(({ exempt }) => !exempt)
  return [
    element(
      'div',
      { class: 'body' },
      heading(words),
      again && element('p', { 'data-changed': '' }, `${words['changed']} ${titles(pending)}`),
      element('p', spoken(words['lang']), words['intro']),
      element(
        'ul',
        { class: 'titles', 'aria-label': words['purposes'] ?? '' },
        ...asked.map(titleItem),
      ),
      scopeText(experience),
      experience.privacy_url &&
        element('p', {}, link(words['privacy'], experience.privacy_url, words['new_tab'])),
    ),
    choices(words, ['accept_all', 'refuse_all', 'choose']),
  ]
}

/**
 * Every purpose with its own switch, and everything behind it.
 *
 * @param {Experience} experience
 * @param {Shown} shown
 */
export function secondLayer(experience, { known, receipt }) {
  const { words, purposes, contact, privacy_url: privacy } = experience
  return [
    element(
      'div',
      { class: 'body' },
      element(
        'div',
        { class: 'head' },
        heading(words),
        button('close', words['close'], 'plain'),
      ),
      element('p', spoken(words['lang']), words['intro']),
      scopeText(experience),
      ...purposes.map((one, at) => purposeGroup(one, at, experience, known)),
      controllersOf(experience),
      privacy && link(words['privacy'], privacy, words['new_tab']),
      contact && element('p', {}, `${words['contact']} ${contact}`),
      receipt &&
        element(
          'span',
          { 'data-receipt': '' },
          link(words['receipt'], receipt, words['new_tab']),
        ),
    ),
    choices(words, ['accept_all', 'refuse_all', 'save']),
  ]
}

/** @param {Record<string, string>} words */
function heading(words) {
  return element(
    'h2',
    { id: 'title', tabindex: '-1', ...spoken(words['lang']) },
    words['title'] ?? words['manage'],
  )
}

/**
 * @param {Record<string, string>} words
 * @param {string[]} actions
 */
function choices(words, actions) {
  return element(
    'div',
    { class: 'choices' },
    ...actions.map((action) => button(action, words[action])),
  )
}

/** @param {Purpose} purpose */
function titleItem({ title, lang }) {
  return element('li', spoken(lang), title)
}

/** @param {Purpose[]} purposes */
function titles(purposes) {
  return purposes.map(({ title }) => title).join(', ')
}

/** @param {Experience} experience */
function scopeText({ scope, words }) {
  const { name = '', sites = [] } = Object(scope)
  if (sites.length < 2) return null
  return element(
    'p',
    { 'data-scope': '' },
    `${words['scope']} ${[name, ...sites].filter(Boolean).join(', ')}`,
  )
}

/**
 * @param {Purpose} purpose
 * @param {number} at
 * @param {Experience} experience
 * @param {Map<string, Answer>} known
 */
function purposeGroup(purpose, at, experience, known) {
  const { words } = experience
  const id = `purpose-${at}`
  const state = purpose.exempt
    ? element('b', { class: 'switch' }, words['always_on'])
    : switchFor(purpose.slug, id, known.get(purpose.slug) === 'granted', words)
  return element(
    'div',
    {
      class: 'purpose',
      role: 'group',
      'aria-labelledby': id,
      'data-purpose': purpose.slug,
      ...spoken(purpose.lang),
    },
    element('div', { class: 'row' }, element('h3', { id }, purpose.title), state),
    element('p', {}, purpose.text),
    trackersOf(purpose, experience),
  )
}

/**
 * @param {string} slug
 * @param {string} labelledBy
 * @param {boolean} granted
 * @param {Record<string, string>} words
 */
function switchFor(slug, labelledBy, granted, words) {
  const box = /** @type {HTMLInputElement} */ (
    element('input', {
      type: 'checkbox',
      role: 'switch',
      name: slug,
      'aria-labelledby': labelledBy,
    })
  )
  box.checked = granted
  // The state in words beside the knob: neither colour nor place alone says it.
  const off = element('span', { class: 'off', 'aria-hidden': 'true' }, words['off'])
  const on = element('span', { class: 'on', 'aria-hidden': 'true' }, words['on'])
  return element('label', { class: 'switch' }, box, off, on)
}
