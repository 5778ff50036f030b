/** Certificates (X.509): what they say, and whether another's key signed them. */
import { fromBase64, hex, text } from './bytes.js'
import { NotDerError, bits, content, dotted, members, only, values } from './der.js'
import { isSigned } from './signature.js'

const SEQUENCE = 0x30
const SET = 0x31
const OID = 0x06
const BMP = 0x1e
/** As RFC 4514 writes them; any other by its number. @type {Record<string, string>} */
const SHORT = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
}
const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const MAY_SIGN_CERTIFICATES = 0x04
const FOR_STAMPS = '300a06082b06010505070308'

/**
 * @typedef {import('./der.js').Value} Value
 * @typedef {object} Certificate
 * @property {string} whole
 * @property {Uint8Array} said What is signed.
 * @property {string} serial
 * @property {string} issuer
 * @property {string} subject
 * @property {string} name The subject, for people.
 * @property {string} since
 * @property {string} until
 * @property {Uint8Array} key
 * @property {Map<string, { critical: boolean, value: Uint8Array }>} extensions
 * @property {string} manner
 * @property {Uint8Array} signature
 */

/**
 * Reads the certificates (PEM) in a text; null where there is none, or one that is none.
 *
 * @param {string} pem
 * @returns {Certificate[] | null}
 */
export function readCertificates(pem) {
  const found = [
    ...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g),
  ]
  try {
    const read = found.map(([, body = '']) => {
      const der = fromBase64(body.replace(/\s/g, ''))
      return readCertificate(only(der ?? new Uint8Array()))
    })
    return read.length ? read : null
  } catch {
    return null
  }
}

/**
 * @param {Value} value
 * @returns {Certificate}
 */
export function readCertificate(value) {
  const [said, manner, signature] = members(value, SEQUENCE, 3)
  const fields = members(said, SEQUENCE, 6, 10)
  if (fields[0]?.tag === 0xa0) fields.shift()
  const [serial, inner, issuer, during, subject, key, ...more] = fields
  if (!said || !manner || !inner || !issuer || !subject || !key || !serial)
    throw new NotDerError()
  // The manner of signing stands outside what is signed, too.
  if (hex(manner.whole) !== hex(inner.whole)) throw new NotDerError()
  const [since, until] = members(during, SEQUENCE, 2)
  return {
    whole: hex(value.whole),
    said: said.whole,
    serial: hex(serial.whole),
    issuer: hex(issuer.whole),
    subject: hex(subject.whole),
    name: nameOf(subject),
    since: moment(since),
    until: moment(until),
    key: key.whole,
    extensions: extensions(more.find(({ tag }) => tag === 0xa3)),
    manner: hex(manner.whole),
    signature: bits(signature),
  }
}

/** @param {Value | undefined} value */
function extensions(value) {
  const list = value ? values(content(only(value.content), SEQUENCE)) : []
  return new Map(
    list.map((each) => {
      const [kind, ...rest] = members(each, SEQUENCE, 2, 3)
      const critical = rest.length > 1 && rest[0]?.content[0] === 0xff
      const read = { critical, value: content(rest.at(-1), 0x04) }
      return [dotted(content(kind, OID)), read]
    }),
  )
}

/** UTCTime or GeneralizedTime, to the second. @param {Value | undefined} value */
export function moment(value) {
  const read = text(value?.content ?? new Uint8Array(), '')
  const whole = value?.tag === 0x17 ? `${read < '5' ? '20' : '19'}${read}` : read
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(whole)
  if (!found) throw new NotDerError()
  const [, year, month, day, hour, minute, second] = found
  return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`
}

/** A distinguished name as RFC 4514 writes it, the last of its parts first. @param {Value} name */
function nameOf(name) {
  const parts = values(content(name, SEQUENCE)).map((rdn) =>
    values(content(rdn, SET)).map(attribute).join('+'),
  )
  return parts.reverse().join(',')
}

/** @param {Value} value */
function attribute(value) {
  const [kind, said] = members(value, SEQUENCE, 2)
  const dots = dotted(content(kind, OID))
  const read = said?.content ?? new Uint8Array()
  const words = said?.tag === BMP ? new TextDecoder('utf-16be').decode(read) : text(read, '')
  const escaped = words
    .replace(/[,+"\\<>;]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/(?<=.) $/s, '\\ ')
    .replace(/^[# ]/, '\\$&')
  return `${SHORT[dots] ?? dots}=${escaped}`
}

/** Tells whether a certificate is one for stamps alone. @param {Certificate} one */
export function isForStamps(one) {
  const use = one.extensions.get(EXTENDED_KEY_USAGE)
  return Boolean(use?.critical) && hex(use?.value ?? new Uint8Array()) === FOR_STAMPS
}

/** @param {Certificate} by */
function maySign(by) {
  const basic = by.extensions.get(BASIC_CONSTRAINTS)?.value
  const usage = by.extensions.get(KEY_USAGE)?.value
  const isAuthority =
    basic && hex(values(content(only(basic), SEQUENCE))[0]?.whole ?? basic) === '0101ff'
  return isAuthority && (!usage || Boolean((usage[3] ?? 0) & MAY_SIGN_CERTIFICATES))
}

/** Tells whether one certificate was made by another. @param {Certificate} one @param {Certificate} by */
export const madeBy = (one, by) =>
  one.issuer === by.subject && maySign(by)
    ? isSigned(by.key, one.manner, '', one.signature, one.said)
    : Promise.resolve(false)
