/**
 * The cookies this page can see and set.
 */
import { problem } from './events.js'
import { failure } from './errors.js'

/** @returns {string[]} each `name=value`; none where cookies are forbidden */
export function readCookies() {
  try {
    return document.cookie.split('; ')
  } catch (error) {
    // A sandboxed frame forbids them: ask again next page rather than break this one.
    problem(failure('StorageRefused', 'cookies are forbidden', error))
    return []
  }
}

/** @param {string} cookie with its attributes */
export function writeCookie(cookie) {
  try {
    document.cookie = cookie
  } catch (error) {
    problem(failure('StorageRefused', 'cookies are forbidden', error))
  }
}
