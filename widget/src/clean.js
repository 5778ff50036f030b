/**
 * Deletes the first-party cookies of purposes that were refused.
 *
 * @import { Experience } from './types.js'
 */
import { readCookies, writeCookie } from './cookies.js'
import { COOKIE } from './record.js'

/**
 * The names among `present` that only refused purposes have a use for.
 *
 * @param {Experience} experience
 * @param {string[]} present
 * @param {(slug: string) => boolean} refused
 * @param {(slug: string) => boolean} mayRun
 * @returns {string[]}
 */
export function leftOver(experience, present, refused, mayRun) {
  const unwanted = patterns(experience, refused)
  const wanted = [...patterns(experience, mayRun), COOKIE]
  return present.filter((name) => matches(unwanted, name) && !matches(wanted, name))
}

/**
 * @param {Experience} experience
 * @param {(slug: string) => boolean} which
 */
function patterns(experience, which) {
  const ids = new Set(
    experience.purposes.filter(({ slug }) => which(slug)).flatMap((one) => one.trackers),
  )
  const trackers = experience.trackers.filter(({ id }) => ids.has(id))
  return trackers.flatMap(({ cookies }) => cookies ?? []).map(({ name }) => name)
}

/**
 * @param {string[]} patterns each a name, or the beginning of one followed by `*`
 * @param {string} name
 */
function matches(patterns, name) {
  return patterns.some((one) =>
    one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one,
  )
}

/** @returns {string[]} the names of the cookies this page can see */
export function cookieNames() {
  return readCookies().map((pair) => pair.split('=', 1)[0] ?? '')
}

/**
 * Delete cookies wherever this page could have set them: a script cannot see their
 * domain or path, so each possible one is tried.
 *
 * @param {string[]} names
 */
export function deleteCookies(names) {
  const labels = location.hostname.split('.')
  const domains = labels.map((_, i) => `; Domain=${labels.slice(i).join('.')}`)
  const folders = location.pathname.split('/').slice(1, -1)
  const paths = ['/', ...folders.map((_, i) => `/${folders.slice(0, i + 1).join('/')}`)]
  for (const name of names)
    for (const domain of ['', ...domains])
      for (const path of paths) writeCookie(`${name}=; Max-Age=0; Path=${path}${domain}`)
}
