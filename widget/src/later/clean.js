/**
 * Deletes what trackers of refused purposes left on this device: first-party cookies, and
 * entries of this page's storage under the same names.
 *
 * @import { Core, Whole } from '../types.js'
 */
import { problem } from '../events.js'
import { readCookies } from '../record.js'
import { KEY } from './send.js'
import { writeCookie } from './write.js'

/**
 * The names among `present` that only refused purposes have a use for.
 *
 * @param {Pick<Core, 'answer' | 'granted'> & {configuration: Whole}} core
 * @param {string[]} present
 * @returns {string[]}
 */
export function leftOver({ configuration, answer, granted }, present) {
  const unwanted = patterns(configuration, (slug) => answer(slug) === 'refused')
  const wanted = [...patterns(configuration, granted), configuration.cookie_ ?? 'consent', KEY]
  return present.filter((name) => matches(unwanted, name) && !matches(wanted, name))
}

/**
 * @param {Whole} configuration
 * @param {(slug: string) => boolean} which
 * @returns {string[]} each a name, or the beginning of one followed by `*`
 */
function patterns({ purposes_, cookies_ = [] }, which) {
  return purposes_.flatMap(({ slug_ }, at) => (which(slug_) ? (cookies_[at] ?? []) : []))
}

/**
 * @param {string[]} patterns
 * @param {string} name
 */
function matches(patterns, name) {
  return patterns.some((one) =>
    one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one,
  )
}

/**
 * Delete cookies wherever this page could have set them (a script cannot see their domain
 * or path, so each possible one is tried), and what is stored here.
 *
 * @param {(present: string[]) => string[]} choose those to delete
 */
export function clean(choose) {
  const domains = location.hostname.split('.').map((_, i, all) => all.slice(i).join('.'))
  const paths = location.pathname.split('/').map((_, i, all) => all.slice(0, i + 1).join('/'))
  for (const name of choose(
    readCookies().map((pair) => /** @type {string} */ (pair.split('=')[0])),
  ))
    for (const path of paths)
      for (const domain of ['', ...domains])
        writeCookie(`${name}=; Max-Age=0; Path=${path || '/'}${domain && `; Domain=${domain}`}`)
  for (const kind of /** @type {const} */ (['localStorage', 'sessionStorage']))
    try {
      const store = window[kind]
      for (const name of choose(Object.keys(store))) store.removeItem(name)
    } catch (error) {
      problem('StorageRefused', error)
    }
}
