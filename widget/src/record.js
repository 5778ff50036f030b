/**
 * What this device remembers: one first-party cookie, written at the first choice.
 *
 *     consent=1~<visitor>~<decision>~<seconds, base 36>~<receipt>~g3-analytics~r3-ads
 *
 * Each answer is a letter (g granted, r refused, s superseded), the number of the notice
 * version it was given under, and the purpose. Everything in it is URL-safe.
 *
 * @import { Configuration, Kept, Letter, Remembered } from './types.js'
 */
import { problem } from './events.js'

const MEMORY = /^1~([\w-]{22})~([\w-]{22}|)~([0-9a-z]{1,9})~([\w.-]{0,128})((?:~[\w.-]+)*)$/
const ANSWER = /^([grs])(\d{1,9})-([\w.-]{1,64})$/

/**
 * Write a memory as the value of the cookie.
 *
 * @param {Remembered} remembered
 * @returns {string}
 */
export function encode({ visitor_, id_, time_, receipt_, answers_ }) {
  const seconds = Math.floor(time_ / 1000).toString(36)
  const said = [...answers_].map(([slug, [letter, version]]) => `${letter}${version}-${slug}`)
  return [1, visitor_, id_, seconds, receipt_, ...said].join('~')
}

/**
 * Read the value of the cookie; null when it is not one of ours.
 *
 * @param {string} value
 * @returns {Remembered | null}
 */
export function decode(value) {
  const [, visitor_ = '', id_ = '', time = '', receipt_ = '', said = ''] =
    MEMORY.exec(value) ?? []
  const time_ = parseInt(time, 36) * 1000
  /** @type {Map<string, Kept>} */
  const answers_ = new Map()
  for (const one of said.split('~')) {
    const [, letter, version, slug = ''] = ANSWER.exec(one) ?? []
    if (letter) answers_.set(slug, [/** @type {Letter} */ (letter), Number(version)])
  }
  return time_ < 8.64e15 ? { visitor_, id_, time_, receipt_, answers_ } : null
}

/**
 * Make a name nobody can guess: 128 random bits, base64url.
 *
 * @returns {string}
 */
export function newId() {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .slice(0, 22)
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

/** @param {string} cookie with its attributes */
export function writeCookie(cookie) {
  try {
    document.cookie = cookie
  } catch (error) {
    problem('StorageRefused', error)
  }
}

/**
 * Open the memory of this device.
 *
 * @param {Configuration} configuration
 */
export function openMemory({ cookie_ = 'consent', domain_ }) {
  /** @type {Remembered | null} */
  let unkept = null

  return {
    /** @returns {Remembered | null} */
    read_() {
      for (const pair of readCookies()) {
        const found = pair.startsWith(`${cookie_}=`) && decode(pair.slice(cookie_.length + 1))
        if (found) return found
      }
      return unkept
    },
    /**
     * Keep it for the browser to forget at `until`; for this page only where it may not keep.
     *
     * @param {Remembered} remembered
     * @param {number} until
     */
    write_(remembered, until) {
      const pair = `${cookie_}=${encode(remembered)}`
      const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000))
      const secure = location.protocol === 'https:' ? '; Secure' : ''
      const domain = domain_ ? `; Domain=${domain_}` : ''
      writeCookie(`${pair}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}${domain}`)
      unkept = readCookies().includes(pair) ? null : remembered
    },
  }
}
