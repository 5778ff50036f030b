/** Time stamps (RFC 3161) over a proof's checkpoint: whole, of that text, by whom one trusts. */
import { sha256 } from '@noble/hashes/sha2.js'
import { hex, joined, same } from './bytes.js'
import { isForStamps, madeBy, moment, readCertificate } from './certificate.js'
import { content, members, only, values } from './der.js'
import { Refused } from './refused.js'
import { hashOf, isSigned } from './signature.js'

const [SEQUENCE, SET, OCTETS, EXPLICIT] = [0x30, 0x31, 0x04, 0xa0]
const SIGNED_DATA = '06092a864886f70d010702'
const STAMP = '060b2a864886f70d0109100104'
const CONTENT_TYPE = '06092a864886f70d010903'
const MESSAGE_DIGEST = '06092a864886f70d010904'
const SHA256 = '0609608648016503040201'

/**
 * @typedef {import('./certificate.js').Certificate} Certificate
 * @typedef {import('./der.js').Value} Value
 * @typedef {import('./person.js').Finding} Finding
 * @typedef {ReturnType<typeof readStamp>} Stamp
 */

/**
 * Each stamp over this very checkpoint, and by whom one trusts, if anybody was named. Gives
 * what is said of those that nobody vouches for.
 *
 * @param {{ stamps: Uint8Array[], proof: import('./log_proof.js').LogProof }} file
 * @param {Certificate[]} trusted
 * @param {Finding[]} findings
 */
export async function checkStamps(file, trusted, findings) {
  /** @type {Finding[]} */
  const unvouched = []
  for (const [at, token] of file.stamps.entries()) {
    const place = { field: `stamps[${at}]` }
    const stamp = orRefused(() => readStamp(token), 'bad_stamp', place)
    if (stamp.manner !== SHA256 || !same(stamp.imprint, sha256(file.proof.text)))
      throw new Refused('stamp_of_another', place)
    if (trusted.length && !(await isTrusted(stamp, trusted)))
      throw new Refused('stamp_not_trusted', place)
    const details = { time: stamp.time, authority: stamp.signer?.name ?? '–' }
    if (trusted.length) findings.push({ sort: 'proved', code: 'stamped', details })
    else unvouched.push({ sort: 'not_proved', code: 'stamp_unvouched', details })
  }
  return unvouched
}

/**
 * @template Made
 * @param {() => Made} make
 * @param {string} code
 * @param {import('./refused.js').Place} place
 */
function orRefused(make, code, place) {
  try {
    return make()
  } catch {
    throw new Refused(code, place)
  }
}

/** Walks ContentInfo, SignedData, TSTInfo. @param {Uint8Array} token */
function readStamp(token) {
  const [kind, explicit] = members(only(token), SEQUENCE, 2)
  const data = members(only(content(explicit, EXPLICIT)), SEQUENCE, 4, 6)
  const [inside, wrapped] = members(data[2], SEQUENCE, 2)
  const said = content(only(content(wrapped, EXPLICIT)), OCTETS)
  const told = members(only(said), SEQUENCE, 5, 10)
  const [manner, imprint] = members(told[2], SEQUENCE, 2)
  const certificates = data
    .filter(({ tag }) => tag === EXPLICIT)
    .flatMap((each) => values(each.content).map(readCertificate))
  // version, who, digest, signed attributes, signature's manner, signature; and no more.
  const parts = members(only(content(data.at(-1), SET)), SEQUENCE, 6)
  const [, who] = parts
  const [, serial] = who?.tag === SEQUENCE ? values(who.content) : []
  return {
    data,
    kinds: [written(kind), written(inside)],
    said,
    manner: written(values(content(manner, SEQUENCE))[0]),
    imprint: content(imprint, OCTETS),
    time: moment(told[4]),
    certificates,
    parts,
    signer: certificates.find((one) => serial && one.serial === written(serial)),
  }
}

/** @param {Stamp} stamp @param {Certificate[]} trusted */
async function isTrusted(stamp, trusted) {
  try {
    return (
      isPlain(stamp) &&
      (await isWhole(stamp)) &&
      (await everyOneVouched(stamp.certificates, trusted)) &&
      (await leadsToTrusted(stamp, trusted))
    )
  } catch {
    // What the browser cannot read, or the bytes are not.
    return false
  }
}

/**
 * Sees that nothing around what is signed is free to be something else.
 *
 * @param {Stamp} stamp
 */
function isPlain({ data, kinds, signer, certificates, parts }) {
  const [version, who, digest] = parts
  const [issuer] = members(who, SEQUENCE, 2)
  const versions = [data[0], version].map((each) => written(each)).join()
  return (
    versions === '020103,020101' &&
    kinds.join() === `${SIGNED_DATA},${STAMP}` &&
    data.length === 5 &&
    certificates.length > 0 &&
    hex(content(data[1], SET)) === written(digest) &&
    written(issuer) === signer?.issuer
  )
}

/** Sees that the signer, who is one for stamps, signed this. @param {Stamp} stamp */
async function isWhole({ said, signer, parts }) {
  const [, , digest, attributes, manner, signature] = parts
  const hash = hashOf(written(digest))
  if (!signer || !attributes || !hash || !isForStamps(signer)) return false
  const told = new Map(
    values(content(attributes, EXPLICIT)).map((each) => {
      const [kind, several] = members(each, SEQUENCE, 2)
      return [written(kind), only(content(several, SET))]
    }),
  )
  const summed = new Uint8Array(await crypto.subtle.digest(hash, Uint8Array.from(said)))
  if (!same(content(told.get(MESSAGE_DIGEST), OCTETS), summed)) return false
  if (written(told.get(CONTENT_TYPE)) !== STAMP) return false
  // As they are signed: a set, not the part of the signer that holds them.
  const signed = joined(Uint8Array.of(SET), attributes.whole.subarray(1))
  const made = content(signature, OCTETS)
  return isSigned(signer.key, written(manner), written(digest), made, signed)
}

/** @param {Value | undefined} value */
const written = (value) => hex(value?.whole ?? new Uint8Array())

/**
 * Each certificate is trusted, or made by one that is there: what nothing hangs on could be
 * changed unseen.
 *
 * @param {Certificate[]} several
 * @param {Certificate[]} trusted
 */
async function everyOneVouched(several, trusted) {
  for (const one of several)
    if (!isAmong(one, trusted) && !(await makers(one, [...several, ...trusted])).length)
      return false
  return true
}

/**
 * From the signer up, each in force at the moment of the stamp, to one that is trusted.
 *
 * @param {Stamp} stamp
 * @param {Certificate[]} trusted
 */
async function leadsToTrusted({ signer, time, certificates }, trusted) {
  const seen = new Set()
  let next = signer ? [signer] : []
  while (next.length) {
    const here = next.filter(
      (one) => one.since <= time && time <= one.until && !seen.has(one.whole),
    )
    if (here.some((one) => isAmong(one, trusted))) return true
    for (const one of here) seen.add(one.whole)
    const above = here.map((one) => makers(one, [...certificates, ...trusted]))
    next = (await Promise.all(above)).flat()
  }
  return false
}

/** @param {Certificate} one @param {Certificate[]} several */
async function makers(one, several) {
  const made = await Promise.all(several.map((by) => madeBy(one, by)))
  return several.filter((_, at) => made[at])
}

/** @param {Certificate} one @param {Certificate[]} several */
const isAmong = (one, several) => several.some(({ whole }) => whole === one.whole)
