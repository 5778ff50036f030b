/** Whether a key signed: RSA and ECDSA over SHA-2, as certificates and time stamps have them. */
import { hex } from './bytes.js'
import { NotDerError, content, members, only } from './der.js'

const SEQUENCE = 0x30
/** @type {Record<string, string>} */
const HASHES = { 1: 'SHA-256', 2: 'SHA-384', 3: 'SHA-512' }
/** The curves by their names in a key, with the bytes of a number. @type {Record<string, [string, number]>} */
const CURVES = {
  '06082a8648ce3d030107': ['P-256', 32],
  '06052b81040022': ['P-384', 48],
  '06052b81040023': ['P-521', 66],
}

/**
 * Tells whether a key signed this, in a manner that it names itself, or whose hash stands
 * beside it (2.16.840.1.101.3.4.2.1 to 3).
 *
 * @param {Uint8Array} key
 * @param {string} manner
 * @param {string} beside
 * @param {Uint8Array} signature
 * @param {Uint8Array} said
 */
export async function isSigned(key, manner, beside, signature, said) {
  const { subtle } = crypto
  try {
    const how = algorithm(key, manner, beside)
    if (!how) return false
    const made = how.width ? plainNumbers(signature, how.width) : signature
    const read = await subtle.importKey('spki', buffer(key), how, false, ['verify'])
    return await subtle.verify(how, read, buffer(made), buffer(said))
  } catch {
    // A key of another sort is another's, who may have the same name.
    return false
  }
}

/** @param {Uint8Array} bytes */
const buffer = (bytes) => /** @type {Uint8Array<ArrayBuffer>} */ (bytes)

/** @param {Uint8Array} key @param {string} manner @param {string} beside */
function algorithm(key, manner, beside) {
  const rsa = /^300d06092a864886f70d01010([1bcd])0500$/.exec(manner)
  if (rsa) {
    const hash = HASHES['_bcd'.indexOf(rsa[1] ?? '')] ?? hashOf(beside)
    return hash ? { name: 'RSASSA-PKCS1-v1_5', hash, width: 0 } : null
  }
  const ecdsa = /^300a06082a8648ce3d04030([234])$/.exec(manner)
  const hash = HASHES[Number(ecdsa?.[1]) - 1]
  const [namedCurve = '', width = 0] = (hash && CURVES[curveOf(key)]) || []
  return hash && width ? { name: 'ECDSA', hash, namedCurve, width } : null
}

/** @param {Uint8Array} key */
function curveOf(key) {
  const [kind] = members(only(key), SEQUENCE, 2)
  const [, curve] = members(kind, SEQUENCE, 2)
  return hex(curve?.whole ?? key)
}

/** Names a hash by its identifier, with or without an empty parameter. @param {string} named */
export function hashOf(named) {
  const found = /^30(?:0b|0d)06096086480165030402(0[123])(?:0500)?$/.exec(named)
  return found ? HASHES[Number(found[1])] : undefined
}

/** ECDSA's two numbers side by side, each of as many bytes. @param {Uint8Array} signature @param {number} width */
function plainNumbers(signature, width) {
  const plain = new Uint8Array(2 * width)
  members(only(signature), SEQUENCE, 2).forEach((each, at) => {
    const whole = content(each, 0x02)
    const number = whole[0] === 0 ? whole.subarray(1) : whole
    if (number.length > width) throw new NotDerError()
    plain.set(number, (at + 1) * width - number.length)
  })
  return plain
}
