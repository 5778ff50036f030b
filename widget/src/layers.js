/**
 * The two layers: what is asked, in the notice's words, and everything behind it.
 *
 * @import { Answer, Configuration, Purpose, Tracker } from './types.js'
 */
import { button, element, webAddress } from './elements.js'

/**
 * @typedef {object} Shown what the layers need to know beside the configuration
 * @property {Map<string, Answer>} known_ the answers that stand
 * @property {Purpose[]} pending_ those to ask about; none means the banner stays away
 * @property {boolean} again_ whether this visitor has answered before, and words changed since
 */

/**
 * The question, or every purpose with its own switch; three answers of equal weight.
 *
 * @param {Configuration} configuration
 * @param {Shown} shown
 * @param {boolean} second
 */
export function layer(configuration, { known_, pending_, again_ }, second) {
  const { words_, purposes_, controllers_ = [], trackers_, privacy_, contact_ } = configuration

  /**
   * A link that leaves the page alone and says so; plain text where it is not the web's.
   *
   * @param {string | undefined} text
   * @param {string | undefined} address
   */
  function link(text, address) {
    const href = address && webAddress(address)
    if (!href) return null
    const told = element('span', { class: 'unseen' }, ` (${words_.new_tab_})`)
    return element('a', { href, target: '_blank', rel: 'noopener' }, text, told)
  }

  /**
   * What is folded away until asked for.
   *
   * @param {string | undefined} summary
   * @param {(Node | string | null | undefined | false)[][]} items
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
  function facts({ name_, facts_ = [], cookies_ = [], privacy_: policy }) {
    const cookies = cookies_.map((cookie) => `${cookie[0]} (${cookie[1]})`).join(', ')
    /** @type {string[]} */
    const labels = words_.labels_
    const rows = labels.map((label, at) => {
      const fact = at < 4 ? facts_[at] : cookies
      return fact ? [element('dt', {}, label), element('dd', {}, fact)] : []
    })
    return [
      element('b', {}, name_),
      element('dl', {}, ...rows.flat()),
      link(words_.privacy_, policy),
    ]
  }

  /**
   * @param {Purpose} purpose
   * @param {number} at
   */
  function group({ slug_, title_, text_, exempt_, trackers_: used = [], lang_ }, at) {
    const id = `p${at}`
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
          ? element('b', { class: 'switch' }, words_.always_on_)
          : toggle(slug_, id, known_.get(slug_) === 'granted'),
      ),
      element('p', spoken(lang_), text_),
      folded(
        words_.trackers_,
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
    const off = element('span', { class: 'off', 'aria-hidden': 'true' }, words_.off_)
    const on = element('span', { class: 'on', 'aria-hidden': 'true' }, words_.on_)
    return element('label', { class: 'switch' }, box, off, on)
  }

  const titles = purposes_
    .filter(({ exempt_ }) => !exempt_)
    .map(({ title_, lang_ }) => element('li', spoken(lang_), title_))
  return [
    element(
      'div',
      { class: 'body' },
      element(
        'div',
        { class: 'row' },
        element('h2', { id: 'title', tabindex: '-1', ...spoken(words_.lang_) }, words_.title_),
        second && button('close', words_.close_, 'plain'),
      ),
      again_ &&
        element(
          'p',
          {},
          `${words_.changed_} ${pending_.map(({ title_ }) => title_).join(', ')}`,
        ),
      element('p', spoken(words_.lang_), words_.intro_),
      ...(second ? purposes_.map(group) : [element('ul', { class: 'titles' }, ...titles)]),
      configuration.scope_ && element('p', {}, configuration.scope_),
      second &&
        folded(
          words_.controllers_,
          controllers_.map(({ name_, role_, privacy_: policy }) => [
            element('b', {}, name_),
            role_ && `, ${role_}`,
            element('br', {}),
            link(words_.privacy_, policy),
          ]),
        ),
      link(words_.privacy_, privacy_),
      second && contact_ && element('p', {}, `${words_.contact_} ${contact_}`),
    ),
    element(
      'div',
      { class: 'choices' },
      button('accept_all', words_.accept_all_),
      button('refuse_all', words_.refuse_all_),
      second ? button('save', words_.save_) : button('choose', words_.choose_),
    ),
  ]
}

/**
 * The attributes of a text that is not in the language around it.
 *
 * @param {string | undefined} lang
 */
function spoken(lang) {
  return { lang, dir: lang && 'auto' }
}
