/**
 * What this device remembers, written (`record.js` says how).
 *
 * @import { Configuration, Remembered } from '../types.js'
 */
import { askAgainAt } from './weigh.js'
import { problem } from '../events.js'

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
 * Make a name nobody can guess, base64url: of 132 random bits, for `+` and `/` become one.
 *
 * @returns {string}
 */
export function newId() {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(17))))
    .replace(/\W/g, '_')
    .slice(0, 22)
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
 * The cookie that keeps it, for the browser to forget when it may be asked again.
 *
 * @param {Pick<Configuration, 'cookie_' | 'domain_' | 'days_'>} configuration
 * @param {Remembered} memory
 */
export function cookie({ cookie_ = 'consent', domain_, days_ }, memory) {
  const left = askAgainAt(memory.time_, days_) - Date.now()
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  const domain = domain_ ? `; Domain=${domain_}` : ''
  return `${cookie_}=${encode(memory)}; Path=/; Max-Age=${Math.ceil(left / 1000)}; SameSite=Lax${secure}${domain}`
}
