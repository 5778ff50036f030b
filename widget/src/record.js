/**
 * What this device remembers, read: one first-party cookie, written at the first choice.
 *
 *     consent=1~<visitor>~<decision>~<seconds, base 36>~<receipt>~g3-analytics~r3-ads
 *
 * Each answer is a letter (g granted, r refused, s superseded), the number of the notice
 * version it was given under, and the purpose. Everything in it is URL-safe.
 *
 * @import { Configuration, Kept, Remembered } from './types.js'
 */
import { problem } from './events.js'

/**
 * Read the value of the cookie; null when it is not one of ours.
 *
 * @param {string} value
 * @returns {Remembered | null}
 */
export function decode(value) {
  const [, visitor_, id_, time, receipt_, ...said] =
    /** @type {[string, string, string, string, string]} */ (value.split('~'))
  const time_ = parseInt(time, 36) * 1000
  /** @type {Map<string, Kept>} */
  const answers_ = new Map()
  for (const one of said) {
    const [, letter, version, slug] = /** @type {any[]} */ (
      /^([grs])(\d{1,9})-([\w.-]{1,64})$/.exec(one) ?? []
    )
    if (letter) answers_.set(slug, [letter, +version])
  }
  return /^1~[\w-]{22}~[\w-]*~[0-9a-z]{1,9}~[\w.~-]*$/.test(value) && time_ < 8.64e15
    ? { visitor_, id_, time_, receipt_, answers_ }
    : null
}

/** @returns {string[]} each `name=value`; none where cookies are forbidden */
export function readCookies() {
  try {
    return document.cookie.split('; ')
  } catch (error) {
    // A sandboxed frame forbids them: ask again next page rather than break this one.
    problem('StorageRefused', error)
    return []
  }
}

/**
 * What this device remembers, among its cookies.
 *
 * @param {Pick<Configuration, 'cookie_'>} configuration
 * @param {string[]} cookies
 */
export function remembered({ cookie_ = 'consent' }, cookies) {
  return cookies
    .map((pair) => pair.startsWith(`${cookie_}=`) && decode(pair.slice(cookie_.length + 1)))
    .find(Boolean)
}
