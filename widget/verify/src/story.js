/** What a record says, told in plain words. */
import { canonical } from './exact.js'

const TOLD = [
  'kind',
  'v',
  'id',
  'organisation',
  'organisation_name',
  'person',
  'person_key',
  'recorded_at',
  'decided_at',
  'notice_version',
  'notice_hash',
  'language',
  'choices',
  'surface',
  'action',
  'source',
  'assertion',
]

/** @param {any} value */
export const shown = (value) =>
  value === undefined || value === null
    ? '–'
    : typeof value === 'string'
      ? value
      : canonical(value)

/** @param {any} record @param {string[]} names */
const plain = (record, ...names) =>
  Object.fromEntries(names.map((name) => [name, shown(record[name])]))

/** @param {any} record */
export function organisationOf(record) {
  const id = shown(record.organisation)
  const name = record.organisation_name
  return name === undefined || name === null ? id : `${shown(name)} (${id})`
}

/** @param {any} record */
function words(record) {
  const given = ['notice_version', 'notice_hash', 'language']
  return 'notice_version' in record ? [['notice', plain(record, ...given)]] : []
}

/** @param {any} given */
function choices(given) {
  if (!given || typeof given !== 'object' || Array.isArray(given)) return []
  const each = Object.entries(given)
  return each.map(([purpose, answer]) => ['choice', { purpose, answer: shown(answer) }])
}

/** @param {any} record */
function manner(record) {
  const told = ['surface', 'action'].filter((name) => name in record)
  if (!told.length) return []
  return [[told.length > 1 ? 'how' : 'did', plain(record, 'surface', 'action')]]
}

/** @param {any} record */
function source(record) {
  const told = 'source' in record || 'assertion' in record
  return told ? [['known_by', plain(record, 'source', 'assertion')]] : []
}

/**
 * Who recorded what, when, under which words and with which choices.
 *
 * @param {any} record
 * @returns {import('./person.js').Finding[]}
 */
export function tell(record) {
  const others = Object.keys(record).filter((name) => !TOLD.includes(name))
  /** @type {any[]} */
  const told = [
    ['who', { organisation: organisationOf(record), ...plain(record, 'kind', 'id') }],
    ['when', plain(record, 'recorded_at')],
    ...('decided_at' in record ? [['decided', plain(record, 'decided_at')]] : []),
    ...words(record),
    ...choices(record.choices),
    ...manner(record),
    ...source(record),
    ...others.sort().map((name) => ['other', { name, value: shown(record[name]) }]),
  ]
  return told.map(([code, details]) => ({ sort: 'told', code, details }))
}
