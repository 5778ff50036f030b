/** The tlog-proof text, line by line: index, path, checkpoint, signatures (C2SP). */
import { sha256 } from '@noble/hashes/sha2.js'
import { base64, fromBase64, hex, joined, utf8 } from './bytes.js'
import { Refused } from './refused.js'

const FIELD = 'tlog_proof'
const COUNT = '(0|[1-9][0-9]{0,17})'
const [LEAF, NODE] = [Uint8Array.of(0), Uint8Array.of(1)]

/**
 * @typedef {{ line: number, name: string, identity: string, value: Uint8Array }} SignatureLine
 * @typedef {{ index: bigint, path: Uint8Array[], origin: string, size: bigint,
 *   root: Uint8Array, text: Uint8Array, signatures: SignatureLine[],
 *   extra: Uint8Array | null, indexLine: number }} LogProof
 */

class Lines {
  /** @param {string} text */
  constructor(text) {
    this.lines = text.split('\n')
    this.number = 0
    if (this.lines.pop())
      throw new Refused('no_last_newline', { field: FIELD, line: this.lines.length + 1 })
  }

  left() {
    return this.number < this.lines.length
  }

  /**
   * Takes the next line; gives what its groups hold, or the whole of it.
   *
   * @param {string} pattern
   * @param {string} expected
   * @returns {string[]}
   */
  take(pattern, expected) {
    const line = this.lines[this.number] ?? ''
    this.number += 1
    const found = RegExp(`^(?:${pattern})$`, 'u').exec(line) ?? this.wrong(expected)
    return found.length > 1 ? found.slice(1) : [line]
  }

  /** @param {string} expected */
  hash(expected) {
    const [text = ''] = this.take('[A-Za-z0-9+/]{43}=', expected)
    return fromBase64(text) ?? this.wrong(expected)
  }

  /** @param {string} expected @returns {never} */
  wrong(expected) {
    throw new Refused('wrong_line', { field: FIELD, line: this.number }, { expected })
  }

  extra() {
    const [text = ''] = this.take('extra ([A-Za-z0-9+/]+={0,2})', 'extra')
    return fromBase64(text) ?? this.wrong('extra')
  }

  /** @returns {SignatureLine} */
  signature() {
    const [name = '', text = ''] = this.take('— ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})', 'signature')
    const bytes = fromBase64(text) ?? this.wrong('signature')
    return {
      line: this.number,
      name,
      identity: hex(bytes.subarray(0, 4)),
      value: bytes.subarray(4),
    }
  }
}

/**
 * @param {string} text
 * @param {boolean} [alone] a file of its own, whose line `extra` the caller checks
 * @returns {LogProof}
 */
export function readLogProof(text, alone = false) {
  const lines = new Lines(text)
  lines.take('c2sp\\.org/tlog-proof@v1', 'c2sp.org/tlog-proof@v1')
  const extra = alone ? lines.extra() : null
  const indexLine = lines.number + 1
  const [index = ''] = lines.take(`index ${COUNT}`, 'index N')
  const path = []
  while (lines.left() && lines.lines[lines.number] !== '') path.push(lines.hash('hash'))
  lines.take('', 'blank')
  const [origin = ''] = lines.take('.+', 'origin')
  const [size = ''] = lines.take(COUNT, 'size')
  const root = lines.hash('root')
  lines.take('', 'blank')
  const signatures = [lines.signature()]
  while (lines.left()) signatures.push(lines.signature())
  const signedText = utf8(`${origin}\n${size}\n${base64(root)}\n`)
  return {
    index: BigInt(index),
    path,
    origin,
    size: BigInt(size),
    root,
    text: signedText,
    signatures,
    extra,
    indexLine,
  }
}

/** @param {Uint8Array} entry */
export const leafOf = (entry) => sha256(joined(LEAF, entry))

/**
 * Climbs from a leaf to the root (RFC 9162); the path runs from the leaf upwards. Null if it
 * has too few or too many hashes for its place.
 *
 * @param {Uint8Array} leaf
 * @param {bigint} index
 * @param {bigint} size
 * @param {Uint8Array[]} path
 * @returns {Uint8Array | null}
 */
export function rootThrough(leaf, index, size, path) {
  if (size === 1n) return path.length ? null : leaf
  const sibling = path.at(-1)
  if (!sibling) return null
  let split = 1n
  while (split * 2n < size) split *= 2n
  const left = index < split
  const below = left
    ? rootThrough(leaf, index, split, path.slice(0, -1))
    : rootThrough(leaf, index - split, size - split, path.slice(0, -1))
  if (!below) return null
  return sha256(left ? joined(NODE, below, sibling) : joined(NODE, sibling, below))
}
