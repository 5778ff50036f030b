/**
 * What the second layer has more than the first: every purpose with its own switch, its
 * trackers, and who answers for them.
 *
 * @import { Answer, Child, Purpose, Second, Tracker, Whole } from '../types.js'
 */
import { button, element, spoken } from '../elements.js'
import { link } from '../layers.js'

/**
 * @param {Whole} configuration
 * @param {Map<string, Answer>} known the answers that stand
 * @returns {Second}
 */
export function secondLayer(configuration, known) {
  const { ask_, purposes_, said_, texts_, controllers_ = [], trackers_ = [] } = configuration
  const [close, on, off, always, services, who, contact, save, , , , , , , ...labels] = said_

  /**
   * What is folded away until asked for.
   *
   * @param {string | undefined} summary
   * @param {Child[][]} items
   */
  function folded(summary, items) {
    if (!items.length) return null
    const list = items.map((item) => element('li', {}, ...item))
    return element(
      'details',
      {},
      element('summary', {}, `${summary} (${items.length})`),
      element('ul', { class: 'facts' }, ...list),
    )
  }

  /** @param {Tracker} tracker */
  function facts([name, policy, cookies, ...told]) {
    const kept = cookies.map((cookie) => `${cookie[0]} (${cookie[1]})`).join(', ')
    const rows = labels.map((label, at) => {
      const fact = at < 4 ? told[at] : kept
      return fact ? [element('dt', {}, label), element('dd', {}, fact)] : 0
    })
    return [element('b', {}, name), element('dl', {}, ...rows.flat()), link(ask_, policy)]
  }

  /**
   * @param {Purpose} purpose
   * @param {number} at
   */
  function group({ slug_, title_, exempt_, lang_ }, at) {
    const id = `p${at}`
    const [text, ...used] = /** @type {[string, ...number[]]} */ (texts_[at])
    return element(
      'div',
      {
        class: 'purpose',
        role: 'group',
        'aria-labelledby': id,
        'data-purpose': slug_,
      },
      element(
        'div',
        { class: 'row' },
        element('h3', { id, ...spoken(lang_) }, title_),
        exempt_
          ? element('b', { class: 'switch' }, always)
          : toggle(slug_, id, known.get(slug_) === 'granted'),
      ),
      element('p', spoken(lang_), text),
      folded(
        services,
        used.map((one) => facts(/** @type {Tracker} */ (trackers_[one]))),
      ),
    )
  }

  /**
   * @param {string} slug
   * @param {string} id
   * @param {boolean} granted
   */
  function toggle(slug, id, granted) {
    const box = element('input', {
      type: 'checkbox',
      role: 'switch',
      name: slug,
      'aria-labelledby': id,
      checked: granted && '',
    })
    // The state in words beside the knob: neither colour nor place alone says it.
    const no = element('span', { class: 'off', 'aria-hidden': 'true' }, off)
    const yes = element('span', { class: 'on', 'aria-hidden': 'true' }, on)
    return element('label', { class: 'switch' }, box, no, yes)
  }

  return [
    button('close', close, 'plain'),
    purposes_.map(group),
    folded(
      who,
      controllers_.map(([name, role, policy]) => [
        element('b', {}, name),
        role && `, ${role}`,
        link(ask_, policy),
      ]),
    ),
    [configuration.contact_ && element('p', {}, `${contact} ${configuration.contact_}`)],
    button('save', save),
  ]
}
