/**
 * What is asked, in the notice's words; with the second layer in it, everything behind it.
 *
 * @import { Ask, Core, Second } from './types.js'
 */
import { answerable } from './choices.js'
import { button, element, spoken } from './elements.js'

/**
 * The question, or every purpose with its own switch; three answers of equal weight.
 *
 * @param {Pick<Core, 'configuration' | 'pending_' | 'again_'>} core
 * @param {Second | []} second
 */
export function layer({ configuration, pending_, again_ }, second) {
  const { ask_, privacy_, scope_ } = configuration
  const [, , , title, intro, accept, refuse, choose, changed, lang] = ask_
  const titles = answerable(configuration).map(({ title_, lang_ }) =>
    element('li', spoken(lang_), title_),
  )
  const [
    shut,
    groups = [element('ul', { class: 'titles' }, ...titles)],
    folded,
    tail = [],
    last = button('choose', choose),
  ] = second
  return [
    element(
      'div',
      { class: 'body' },
      element(
        'div',
        { class: 'row' },
        element('h2', { id: 'title', tabindex: '-1', ...spoken(lang) }, title),
        shut,
      ),
      again_ &&
        element('p', {}, `${changed} ${pending_.map(({ title_ }) => title_).join(', ')}`),
      element('p', spoken(lang), intro),
      ...groups,
      scope_ && element('p', {}, scope_),
      folded,
      link(ask_, privacy_),
      ...tail,
    ),
    element(
      'div',
      { class: 'choices' },
      button('accept_all', accept),
      button('refuse_all', refuse),
      last,
    ),
  ]
}

/**
 * A link to a privacy policy, which leaves the page alone and says so; none where it is not
 * the web's.
 *
 * @param {Ask} ask
 * @param {string | 0 | undefined} address
 */
export function link([privacy, tab], address) {
  const href = address || ''
  if (!/^https?:/.test(href)) return null
  const told = element('b', { class: 'unseen' }, ` (${tab})`)
  return element('a', { href, target: '_blank' }, privacy, told)
}
