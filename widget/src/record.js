/**
 * What this device remembers: one first-party cookie, written at the first choice.
 *
 *     consent=1~<visitor>~<decision>~<seconds, base 36>~<receipt>~g3-analytics~r3-ads
 *
 * Each answer is a letter (g granted, r refused, s superseded), the number of the notice
 * version it was given under, and the purpose. Everything in it is URL-safe.
 *
 * @import { Kept, Remembered, State } from './types.js'
 */
import { readCookies, writeCookie } from './cookies.js'

export const COOKIE = 'consent'

const FORMAT = '1'
const MEMORY = /^1~([\w-]{22})~([\w-]{22}|)~([0-9a-z]{1,9})~([\w.-]{0,128})((?:~[\w.-]+)*)$/
const ANSWER = /^([grs])(\d{1,9})-([\w.-]{1,64})$/
/** @type {Map<string, State>} */
const LETTERS = new Map([
  ['g', 'granted'],
  ['r', 'refused'],
  ['s', 'superseded'],
])

/**
 * Write a memory as the value of the cookie.
 *
 * @param {Remembered} remembered
 * @returns {string}
 */
export function encode({ visitor, decision, decidedAt, receipt, answers }) {
  const seconds = Math.floor(decidedAt / 1000).toString(36)
  const said = [...answers].map(([slug, { state, version }]) => `${state[0]}${version}-${slug}`)
  return [FORMAT, visitor, decision, seconds, receipt, ...said].join('~')
}

/**
 * Read the value of the cookie; null when it is not one of ours.
 *
 * @param {string} value
 * @returns {Remembered | null}
 */
export function decode(value) {
  const [, visitor = '', decision = '', time = '', receipt = '', said = ''] =
    MEMORY.exec(value) ?? []
  const decidedAt = parseInt(time, 36) * 1000
  return decidedAt < 8.64e15
    ? { visitor, decision, decidedAt, receipt, answers: decodeAnswers(said) }
    : null
}

/** @param {string} said */
function decodeAnswers(said) {
  /** @type {Map<string, Kept>} */
  const answers = new Map()
  for (const one of said.split('~')) {
    const [, letter = '', version, slug = ''] = ANSWER.exec(one) ?? []
    const state = LETTERS.get(letter)
    if (state) answers.set(slug, { state, version: Number(version) })
  }
  return answers
}

/**
 * Make a name nobody can guess: 128 random bits, base64url.
 *
 * @returns {string}
 */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 22)
}

/** Open the memory of this device. */
export function openMemory() {
  /** @type {Remembered | null} */
  let unkept = null

  /** @returns {Remembered | null} */
  function read() {
    for (const pair of readCookies()) {
      const found = pair.startsWith(`${COOKIE}=`) && decode(pair.slice(COOKIE.length + 1))
      if (found) return found
    }
    return unkept
  }

  /**
   * Keep it for the browser to forget at `until`; for this page only where it may not keep.
   *
   * @param {Remembered} remembered
   * @param {number} until
   */
  function write(remembered, until) {
    const value = encode(remembered)
    const seconds = Math.max(0, Math.ceil((until - Date.now()) / 1000))
    const secure = location.protocol === 'https:' ? '; Secure' : ''
    writeCookie(`${COOKIE}=${value}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}`)
    unkept = readCookies().includes(`${COOKIE}=${value}`) ? null : remembered
  }

  return { read, write }
}
