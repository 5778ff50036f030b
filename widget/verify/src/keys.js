/** Verifier keys and what they signed: C2SP signed notes with Ed25519. */
import { hashes, verify } from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { fromBase64, hex, joined, same, utf8 } from './bytes.js'

hashes.sha512 = sha512

export const LOG = 1
export const WITNESS = 4

/**
 * A public key under its name; `kind` says whether it signs as log or as witness.
 *
 * @typedef {{ name: string, identity: string, kind: number, public: Uint8Array, text: string }} Key
 */

/** @param {Key} key */
export const label = (key) => `${key.name}+${key.identity}`

/**
 * Reads a verifier key; null if any character of it is wrong.
 *
 * @param {string} text
 * @returns {Key | null}
 */
export function parseKey(text) {
  // eslint-disable-next-line no-control-regex -- a name holds none
  const found = /^([^\s+\u0000-\u001f]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(text)
  if (!found) return null
  const [, name = '', identity, written = ''] = found
  const material = fromBase64(written)
  const kind = material?.[0] ?? 0
  if (!material || ![LOG, WITNESS].includes(kind)) return null
  const made = hex(sha256(joined(utf8(`${name}\n`), material)).subarray(0, 4))
  return made === identity ? { name, identity, kind, public: material.subarray(1), text } : null
}

/** @param {Key} one @param {Key} other */
export const sameKey = (one, other) =>
  one.name === other.name && one.kind === other.kind && same(one.public, other.public)

/**
 * Tells whether a key made this signature over a note's text.
 *
 * @param {Key} key
 * @param {Uint8Array} text
 * @param {Uint8Array} signature
 */
export function signed(key, text, signature) {
  let [said, made] = [text, signature]
  if (key.kind === WITNESS) {
    said = joined(utf8(`cosignature/v1\ntime ${time(signature)}\n`), text)
    made = signature.subarray(8)
  }
  try {
    return verify(made, said, key.public, { zip215: false })
  } catch {
    return false
  }
}

/**
 * The second at which a witness signed.
 *
 * @param {Uint8Array} signature
 */
export const time = (signature) => BigInt(`0x${hex(signature.subarray(0, 8)) || '0'}`)
