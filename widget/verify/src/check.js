/**
 * The check itself, from the outside in: file, signature, place in the log, record, person.
 * Each step relies only on what the steps before it have shown, so the first one that fails
 * says where the file is wrong.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { readProofFile, readTlogFile } from './bundle.js'
import { hex, same, utf8 } from './bytes.js'
import { readCertificates } from './certificate.js'
import { readExact } from './exact.js'
import { LOG, WITNESS, label, parseKey, sameKey, signed, time } from './keys.js'
import { leafOf, rootThrough } from './log_proof.js'
import { whatIsOpen } from './open.js'
import { whose } from './person.js'
import { Refused } from './refused.js'
import { checkStamps } from './stamp.js'
import { tell } from './story.js'
import { readFile } from './written.js'

const ENTRY =
  /^\{"commitment":"([0-9a-f]{64})","minute":"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z)","v":1\}$/
const MOMENT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}):[0-9.]{2,12}Z$/

/**
 * @typedef {import('./person.js').Finding} Finding
 * @typedef {{ holds: boolean, findings: Finding[], record: any, ownKeys: string[] }} Verdict
 */

/**
 * Checks a proof file against keys the reader trusts. Without any, against those the file
 * brings along: then `ownKeys` names them, and all that is shown hangs on them. `authorities`
 * are certificates (PEM) of those who may stamp times.
 *
 * @param {Uint8Array} bytes
 * @param {string[]} keys
 * @param {string} [identifier]
 * @param {string} [authorities]
 * @returns {Promise<Verdict>}
 */
export async function check(bytes, keys, identifier = '', authorities = '') {
  /** @type {Verdict} */
  const verdict = { holds: false, findings: [], record: null, ownKeys: [] }
  try {
    await run(
      bytes,
      keys.map((key) => parseKey(key) ?? badKey(key)),
      identifier,
      authorities ? (readCertificates(authorities) ?? notCertificates()) : [],
      verdict,
    )
    verdict.holds = true
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    const { code, place, details } = error
    verdict.findings.push({ sort: 'refused', code, place, details })
    verdict.record = null
  }
  return verdict
}

/** @param {string} key @returns {never} */
function badKey(key) {
  throw new Refused('bad_key', { field: key.slice(0, 40) }, { why: 'name+id+base64' })
}

/** @returns {never} */
function notCertificates() {
  throw new Refused('bad_authority', { field: 'PEM' })
}

/**
 * @param {Uint8Array} bytes
 * @param {import('./keys.js').Key[]} keys
 * @param {string} identifier
 * @param {import('./certificate.js').Certificate[]} authorities
 * @param {Verdict} verdict
 */
async function run(bytes, keys, identifier, authorities, verdict) {
  const { findings } = verdict
  // Its first letter tells the two kinds of file apart; the rest is the reader's to judge.
  const file = bytes[0] === 0x63 ? readTlogFile(bytes) : readProofFile(readFile(bytes))
  findings.push({ sort: 'proved', code: 'exact' })
  const trusted = keys.length ? keys : file.keys.filter((key) => key.kind === LOG)
  if (!keys.length) verdict.ownKeys = trusted.map((key) => key.text)
  checkSignatures(file, trusted, findings)
  const unvouched = await checkStamps(file, authorities, findings)
  const [commitment, minute] = checkEntry(file, findings)
  verdict.record = checkRecord(file, commitment, minute, findings)
  const person = whose(verdict.record, file.opening, identifier)
  if (person) findings.push(person)
  findings.push(...tell(verdict.record), ...whatIsOpen(file, verdict, findings, unvouched))
}

/**
 * Every line by a named key, every named key by a line, and a trusted one among them.
 *
 * @param {ReturnType<typeof readProofFile>} file
 * @param {import('./keys.js').Key[]} trusted
 * @param {Finding[]} findings
 */
function checkSignatures(file, trusted, findings) {
  const { proof } = file
  // The reader's keys come last: a file cannot slip another key under the same id.
  const known = new Map([...file.keys, ...trusted].map((key) => [label(key), key]))
  const signers = proof.signatures.map((line) => {
    const place = { field: 'tlog_proof', line: line.line }
    const key = known.get(`${line.name}+${line.identity}`)
    if (!key) throw new Refused('unknown_signature', place, { name: line.name })
    if (!signed(key, proof.text, line.value))
      throw new Refused('bad_signature', place, { key: label(key) })
    return key
  })
  file.keys.forEach((key, at) => {
    if (!signers.some((signer) => sameKey(signer, key)))
      throw new Refused('key_without_signature', { field: `checkpoint_keys[${at}]` })
  })
  /** @param {import('./keys.js').Key} key */
  const isTrusted = (key) => trusted.some((each) => sameKey(each, key))
  const logs = signers.filter(
    (key) => isTrusted(key) && key.kind === LOG && key.name === proof.origin,
  )
  const labels = (/** @type {import('./keys.js').Key[]} */ some) => some.map(label).join(', ')
  if (!logs.length)
    throw new Refused(
      'not_your_key',
      { field: 'tlog_proof' },
      { origin: proof.origin, signed: labels(signers), trusted: labels(trusted) || '–' },
    )
  const details = { origin: proof.origin, size: String(proof.size), key: labels(logs) }
  findings.push({ sort: 'proved', code: 'signed', details })
  signers.forEach((key, at) => {
    if (isTrusted(key) && key.kind === WITNESS)
      findings.push({
        sort: 'proved',
        code: 'cosigned',
        details: {
          witness: label(key),
          time: moment(time(proof.signatures[at]?.value ?? new Uint8Array())),
        },
      })
  })
  if (!file.keys.some(isTrusted)) findings.push({ sort: 'told', code: 'key_not_hinted' })
}

/** @param {bigint} seconds */
function moment(seconds) {
  const made = new Date(Number(seconds) * 1000)
  return Number.isNaN(made.getTime())
    ? String(seconds)
    : made.toISOString().replace(/\.\d+Z$/, 'Z')
}

/**
 * Shows that the entry stands in the log; gives its commitment and its minute.
 *
 * @param {ReturnType<typeof readProofFile>} file
 * @param {Finding[]} findings
 */
function checkEntry(file, findings) {
  const { proof } = file
  if (proof.index >= proof.size)
    throw new Refused(
      'beyond_log',
      { field: 'tlog_proof', line: proof.indexLine },
      { size: String(proof.size) },
    )
  const root = rootThrough(leafOf(file.entry), proof.index, proof.size, proof.path)
  if (!root) throw new Refused('wrong_path_length', { field: 'tlog_proof' })
  if (!same(root, proof.root)) throw new Refused('not_in_log', whereThePathBroke(file))
  const details = { index: String(proof.index) }
  findings.push({ sort: 'proved', code: 'included', details })
  return readEntry(file.entry) ?? notAnEntry()
}

/** @returns {never} */
function notAnEntry() {
  throw new Refused('not_an_entry', { field: 'entry' })
}

/** @param {Uint8Array} entry */
function readEntry(entry) {
  const found = ENTRY.exec(String.fromCharCode(...entry))
  return found && /** @type {[string, string]} */ ([found[1], found[2]])
}

/** @param {ReturnType<typeof readProofFile>} file */
const committed = (file) => hex(hmac(sha256, file.salt, utf8(file.record)))

/**
 * Tells the entry from the path: an entry that still fits its record is not at fault.
 *
 * @param {ReturnType<typeof readProofFile>} file
 */
function whereThePathBroke(file) {
  const read = readEntry(file.entry)
  return { field: read && committed(file) === read[0] ? 'tlog_proof' : 'entry' }
}

/**
 * Shows that the record is the one committed to, then that it makes sense.
 *
 * @param {ReturnType<typeof readProofFile>} file
 * @param {string} commitment
 * @param {string} minute
 * @param {Finding[]} findings
 */
function checkRecord(file, commitment, minute, findings) {
  const bytes = utf8(file.record)
  if (committed(file) !== commitment) {
    // A record that no longer reads is the culprit; else it or its salt is.
    readExact(bytes, 'record')
    throw new Refused('not_committed', { field: 'record, salt' })
  }
  const value = readExact(bytes, 'record')
  if (!value || typeof value !== 'object' || Array.isArray(value))
    throw new Refused('not_an_object', { field: 'record' })
  for (const name of ['kind', 'organisation', 'recorded_at'])
    if (typeof value[name] !== 'string')
      throw new Refused('missing_field', { field: `record.${name}` })
  findings.push({ sort: 'proved', code: 'committed' })
  const recorded = value.recorded_at
  if (`${MOMENT.exec(recorded)?.[1]}Z` !== minute || Number.isNaN(Date.parse(recorded)))
    throw new Refused(
      'another_minute',
      { field: 'record.recorded_at' },
      { recorded_at: recorded, minute },
    )
  const details = { minute, recorded_at: recorded }
  findings.push({ sort: 'proved', code: 'minute', details })
  return value
}
