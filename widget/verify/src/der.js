/** DER, as far as certificates and time stamps need it: values in values, each in one form. */

export class NotDerError extends Error {}

/**
 * @typedef {{ tag: number, content: Uint8Array, whole: Uint8Array }} Value
 */

/** Reads the values that stand in these bytes, one after the other. @param {Uint8Array} bytes */
export function values(bytes) {
  /** @type {Value[]} */
  const found = []
  for (let at = 0; at < bytes.length;) {
    const [length, head] = size(bytes, at)
    const end = at + head + length
    if (end > bytes.length) throw new NotDerError()
    found.push({
      tag: bytes[at] ?? 0,
      content: bytes.subarray(at + head, end),
      whole: bytes.subarray(at, end),
    })
    at = end
  }
  return found
}

/**
 * Reads a value's members: so many, or at least so many where there may be more.
 *
 * @param {Value | undefined} value
 * @param {number} tag
 * @param {number} least
 * @param {number} [most]
 */
export function members(value, tag, least, most = least) {
  if (value?.tag !== tag) throw new NotDerError()
  const found = values(value.content)
  if (found.length < least || found.length > most) throw new NotDerError()
  return found
}

/** @param {Value | undefined} value @param {number} tag */
export function content(value, tag) {
  if (value?.tag !== tag) throw new NotDerError()
  return value.content
}

/**
 * The one value in these bytes.
 *
 * @param {Uint8Array} bytes
 */
export function only(bytes) {
  const [one, ...more] = values(bytes)
  if (!one || more.length) throw new NotDerError()
  return one
}

/** A bit string of whole bytes. @param {Value | undefined} value */
export function bits(value) {
  const read = content(value, 0x03)
  if (read[0] !== 0) throw new NotDerError()
  return read.subarray(1)
}

/**
 * The length of a value, and of what stands before it.
 *
 * @param {Uint8Array} bytes
 * @param {number} at
 * @returns {[number, number]}
 */
function size(bytes, at) {
  const first = bytes[at + 1] ?? 0
  if (first < 0x80) return [first, 2]
  const count = first - 0x80
  let length = 0
  for (let place = 0; place < count; place++)
    length = length * 256 + (bytes[at + 2 + place] ?? 0)
  // In as few bytes as it takes: another length would be another form of the same.
  const least = count > 1 ? 256 ** (count - 1) : 0x80
  if (!count || count > 4 || length < least) throw new NotDerError()
  return [length, 2 + count]
}

/** An object identifier with its dots. @param {Uint8Array} bytes */
export function dotted(bytes) {
  /** @type {number[]} */
  const numbers = []
  let value = 0
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(value)
      value = 0
    }
  }
  const [begin = 0, ...rest] = numbers
  const first = Math.min(Math.floor(begin / 40), 2)
  return [first, begin - 40 * first, ...rest].join('.')
}
