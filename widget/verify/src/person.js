/** Whose record it is, as far as the file and the asker can show it. */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { hex, utf8 } from './bytes.js'
import { Refused } from './refused.js'

const PLACE = { field: 'opening' }

/**
 * @typedef {{ kind: string, key: Uint8Array }} Opening
 * @typedef {{ sort: string, code: string, details?: Record<string, any>,
 *   place?: import('./refused.js').Place }} Finding
 */

/** @param {Opening} opening @param {string} message */
const tagged = (opening, message) => hex(hmac(sha256, opening.key, utf8(message)))

/**
 * Says whom the record concerns; refuses when what was asked is not shown.
 *
 * @param {any} record
 * @param {Opening | null} opening
 * @param {string} identifier
 * @returns {Finding | null}
 */
export function whose(record, opening, identifier) {
  const tag = record.person
  if (!opening) {
    if (identifier) throw new Refused('no_opening', PLACE)
    return tag === undefined ? null : { sort: 'told', code: 'not_named' }
  }
  if (typeof tag !== 'string') throw new Refused('opens_nobody', PLACE)
  checkOpening(record.person_key, opening, identifier)
  const { kind } = opening
  if (!identifier) return { sort: 'told', code: 'opened_unasked', details: { kind } }
  const forms = spellings(kind, identifier)
  if (!forms.some((form) => tagged(opening, `${kind}|${form}`) === tag))
    throw new Refused('another_person', PLACE, { kind })
  return { sort: 'proved', code: 'about', details: { identifier, kind } }
}

/**
 * Holds the opening against the record's `person_key`, which fixes it for all.
 *
 * @param {any} fixed
 * @param {Opening} opening
 * @param {string} identifier
 */
function checkOpening(fixed, opening, identifier) {
  if (fixed === undefined) {
    // Only the identifier can then tell a true opening from an altered one.
    if (!identifier) throw new Refused('opening_unchecked', PLACE)
  } else if (fixed !== tagged(opening, `opening|${opening.kind}`))
    throw new Refused('false_opening', PLACE)
}

/**
 * The normal forms an identifier of this kind may have been recorded under.
 *
 * @param {string} kind
 * @param {string} identifier
 */
export function spellings(kind, identifier) {
  const typed = identifier.trim()
  const forms = [identifier, typed, typed.normalize('NFC')]
  if (kind === 'email' && typed.includes('@')) forms.push(...addresses(typed.normalize('NFC')))
  if (kind === 'phone') {
    const digits = typed.replace(/[\s().\-/]/g, '')
    forms.push(digits, digits.replace(/^00/, '+'))
  }
  return forms
}

/** @param {string} typed */
function addresses(typed) {
  const at = typed.lastIndexOf('@')
  const [local, domain] = [typed.slice(0, at), typed.slice(at + 1)]
  // Small letters as the law of Unicode folds them: ß is ss.
  const folded = local.toUpperCase().toLowerCase()
  const domains = [domain, domain.toLowerCase(), inAscii(domain)]
  return [local, local.toLowerCase(), folded].flatMap((who) =>
    domains.map((where) => `${who}@${where}`),
  )
}

/** @param {string} domain */
function inAscii(domain) {
  try {
    return new URL(`http://${domain}`).hostname
  } catch {
    return domain
  }
}
