/** The proof file's shape, `consent-proof/1`: these fields, these forms, nothing else. */
import { fromBase64, text as decoded } from './bytes.js'
import { readExact } from './exact.js'
import { parseKey } from './keys.js'
import { readLogProof } from './log_proof.js'
import { Refused } from './refused.js'

const FORMAT = 'consent-proof/1'
const SECRET_BYTES = 32
const AROUND = ['format', 'tlog_proof']
const REQUIRED = ['record', 'salt', 'entry', 'checkpoint_keys', 'stamps']
const MOST_BYTES = 4 * 1024 * 1024

/** @param {any} value */
const isObject = (value) => Boolean(value) && typeof value === 'object' && !Array.isArray(value)

/**
 * @param {any} value
 * @param {string[]} required
 * @param {string[]} allowed
 * @param {string} prefix
 */
function requireFields(value, required, allowed, prefix) {
  const names = Object.keys(value)
  for (const name of [...required].sort())
    if (!names.includes(name)) throw new Refused('missing_field', { field: prefix + name })
  for (const name of names.sort())
    if (!allowed.includes(name)) throw new Refused('unknown_field', { field: prefix + name })
}

/** @param {any} value @param {string} field @returns {string} */
function text(value, field) {
  if (typeof value !== 'string') throw new Refused('not_a_text', { field })
  return value
}

/** @param {any} value @param {string} field @returns {any[]} */
function list(value, field) {
  if (!Array.isArray(value)) throw new Refused('not_a_list', { field })
  return value
}

/** @param {any} value @param {string} field */
function bytes(value, field) {
  const read = fromBase64(text(value, field))
  if (!read) throw new Refused('not_base64', { field })
  return read
}

/** @param {any} value @param {string} field */
function secret(value, field) {
  const read = bytes(value, field)
  // HMAC fills short keys with zeros: only one length, or two salts would be one.
  if (read.length !== SECRET_BYTES)
    throw new Refused('wrong_length', { field }, { expected: SECRET_BYTES, got: read.length })
  return read
}

/** @param {any} value @param {string} field */
function key(value, field) {
  const read = parseKey(text(value, field))
  if (!read) throw new Refused('bad_key', { field }, { why: 'name+id+base64' })
  return read
}

/**
 * Takes a JSON value for a proof file; nothing in it is believed yet.
 *
 * @param {any} value
 */
export function readProofFile(value) {
  if (!isObject(value)) throw new Refused('not_an_object')
  if (value.format !== FORMAT)
    throw new Refused('unknown_format', { field: 'format' }, { expected: FORMAT })
  const required = [...REQUIRED, ...AROUND]
  requireFields(value, required, [...required, 'opening'], '')
  return proofFile(value, () => readLogProof(text(value.tlog_proof, 'tlog_proof')))
}

/**
 * Takes a `.tlog-proof` file of ours: its `extra` line holds the rest of a proof file.
 *
 * @param {Uint8Array} data
 */
export function readTlogFile(data) {
  if (data.length > MOST_BYTES) throw new Refused('too_big', {}, { limit: MOST_BYTES })
  const proof = readLogProof(decoded(data, ''), true)
  const rest = readExact(proof.extra ?? new Uint8Array(), 'extra')
  if (!isObject(rest)) throw new Refused('not_an_object', { field: 'extra' })
  requireFields(rest, REQUIRED, [...REQUIRED, 'opening'], 'extra.')
  return proofFile(rest, () => proof)
}

/**
 * @param {any} value
 * @param {() => import('./log_proof.js').LogProof} logProof
 */
function proofFile(value, logProof) {
  return {
    record: text(value.record, 'record'),
    salt: secret(value.salt, 'salt'),
    entry: bytes(value.entry, 'entry'),
    proof: logProof(),
    keys: list(value.checkpoint_keys, 'checkpoint_keys').map((each, at) =>
      key(each, `checkpoint_keys[${at}]`),
    ),
    stamps: list(value.stamps, 'stamps').map((each, at) => bytes(each, `stamps[${at}]`)),
    opening: 'opening' in value ? opening(value.opening) : null,
  }
}

/** @param {any} value */
function opening(value) {
  if (!isObject(value)) throw new Refused('not_an_object', { field: 'opening' })
  requireFields(value, ['kind', 'key'], ['kind', 'key'], 'opening.')
  return { kind: text(value.kind, 'opening.kind'), key: secret(value.key, 'opening.key') }
}
