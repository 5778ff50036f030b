/**
 * A proof file as people's tools write it again: with spaces, indented, in another order, in
 * ASCII. Each manner is known, and the file must be, letter for letter, what one of them
 * writes: so a changed byte is still a changed proof.
 */
import { text as decoded } from './bytes.js'
import { readExact, readJson } from './exact.js'
import { Refused } from './refused.js'

const INDENTS = [2, 4, '\t']

/** @param {Uint8Array} bytes */
export function readFile(bytes) {
  const bare = bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes
  try {
    return readExact(bare)
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== 'not_exact') throw error
    const value = readJson(bare)
    if (!manners(value).includes(decoded(bare, ''))) throw error
    return value
  }
}

/** @param {any} value */
function manners(value) {
  return [value, inOrder(value)].flatMap((each) => {
    const plain = [
      ...INDENTS.map((indent) => JSON.stringify(each, null, indent)),
      JSON.stringify(each),
      spaced(each),
    ]
    return [...plain, ...plain.map(inAscii)]
  })
}

/** @param {any} value @returns {any} */
function inOrder(value) {
  if (Array.isArray(value)) return value.map(inOrder)
  if (!value || typeof value !== 'object') return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]))
}

/** @param {any} value @returns {string} */
function spaced(value) {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`
  if (!value || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.keys(value).map(
    (name) => `${JSON.stringify(name)}: ${spaced(value[name])}`,
  )
  return `{${members.join(', ')}}`
}

/** @param {string} text */
const inAscii = (text) =>
  text.replace(
    /[^\x20-\x7e\n\t]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
