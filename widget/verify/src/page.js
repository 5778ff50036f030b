/** The page: a file comes in, a verdict in plain words comes out. Nothing leaves it. */
import { readCertificates } from './certificate.js'
import { check } from './check.js'
import { MAX_BYTES } from './exact.js'
import { parseKey } from './keys.js'
import { change, filled, language, printable, say, ui } from './speech.js'
import { organisationOf } from './story.js'

const SORTS = ['refused', 'proved', 'told', 'not_proved']

/** @type {{ name: string, bytes: Uint8Array } | null} */
let file = null

/** @param {string} id */
const one = (id) => /** @type {any} */ (document.getElementById(id))

/**
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {(Node | string)[]} children
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

function speak() {
  document.documentElement.lang = language
  document.title = ui('title')
  for (const each of document.querySelectorAll('[data-t]'))
    each.textContent = ui(each.getAttribute('data-t') ?? '')
  one('language').textContent = ui('another_language')
  one('language').lang = language === 'fr' ? 'en' : 'fr'
}

/** The keys that were typed, one a line; null if one of them is none. */
function typedKeys() {
  const lines = one('key')
    .value.split('\n')
    .map((/** @type {string} */ line) => line.trim())
    .filter((/** @type {string} */ line) => line && !line.startsWith('#'))
  const wrong = lines.some((/** @type {string} */ line) => !parseKey(line))
  one('key-wrong').textContent = wrong ? ui('bad_typed_key') : ''
  return wrong ? null : lines
}

/** The certificates that were pasted; null if they are none, or this browser cannot use them. */
function typedAuthorities() {
  const pem = one('authority').value.trim()
  const wrong = !pem
    ? ''
    : !crypto.subtle
      ? 'no_subtle'
      : readCertificates(pem)
        ? ''
        : 'bad_typed_authority'
  one('authority-wrong').textContent = wrong ? ui(wrong) : ''
  return wrong ? null : pem
}

let shown = 0

async function show() {
  const place = one('verdict')
  const [keys, authorities, mine] = [typedKeys(), typedAuthorities(), ++shown]
  if (!file || !keys || authorities === null) {
    place.hidden = true
    return
  }
  const { name } = file
  const verdict = await check(file.bytes, keys, one('whom').value.trim(), authorities)
  // Somebody has typed on meanwhile.
  if (mine !== shown) return
  one('name').hidden = false
  one('name').textContent = ui('file', { name })
  place.hidden = false
  place.replaceChildren(
    ...(verdict.holds ? told(verdict) : [refused(verdict)]),
    steps(verdict),
    ...(verdict.record ? [asItIs(verdict.record)] : []),
  )
}

/** @param {import('./check.js').Verdict} verdict */
function refused({ findings }) {
  const why = findings.filter(({ sort }) => sort === 'refused').map((each) => say(each))
  return element(
    'div',
    { class: 'head fails' },
    element('h2', {}, `✗ ${finding('fails')}`),
    element('p', {}, ui('fails_why')),
    ...why.map((each) => element('p', {}, each)),
  )
}

/** @param {string} code */
const finding = (code) => say({ sort: '', code })

/** @param {import('./check.js').Verdict} verdict */
function told(verdict) {
  return [verdict.ownKeys.length ? ifKey(verdict.ownKeys) : holds(), summary(verdict)]
}

const holds = () =>
  element(
    'div',
    { class: 'head holds' },
    element('h2', {}, `✓ ${finding('holds')}`),
    element('p', {}, ui('holds_why')),
  )

/** @param {string[]} keys */
function ifKey(keys) {
  const trust = element('button', { type: 'button' }, ui('trust'))
  trust.addEventListener('click', () => {
    one('key').value = keys.join('\n')
    void show().then(() => one('verdict').focus())
  })
  return element(
    'div',
    { class: 'head if_key' },
    element('h2', {}, `? ${ui('if_key')}`),
    element('p', {}, ui('if_key_why')),
    ...keys.map((key) => element('p', {}, element('code', {}, key))),
    element('p', {}, trust),
  )
}

/** Who promised what, when, under which words, about whom. */
function summary(/** @type {import('./check.js').Verdict} */ { record, findings }) {
  const list = element('dl')
  /** @param {string} name @param {...(Node | string)} value */
  const add = (name, ...value) =>
    list.append(element('dt', {}, ui(name)), element('dd', {}, ...value))
  add('promised', printable(organisationOf(record)))
  add('what', filled('{kind}', record), ...choices(record.choices))
  const at = record.decided_at ?? record.recorded_at
  add('at', `${moment(at)} (${printable(String(at))})`)
  if (record.notice_version !== undefined) add('under', ui('words_of', record))
  const codes = new Map(findings.map((each) => [each.code, each]))
  const person = codes.get('about') ?? codes.get('opened_unasked') ?? codes.get('not_named')
  const about = { about: '✓ ', opened_unasked: '', not_named: '' }
  add(
    'about_whom',
    person ? about[/** @type {'about'} */ (person.code)] + whom(person) : ui('nobody'),
  )
  return list
}

/** @param {import('./person.js').Finding} person */
const whom = (person) =>
  person.code === 'about'
    ? filled('{identifier} ({kind})', person.details)
    : ui(person.code === 'not_named' ? 'a_person' : 'opened')

/** @param {any} given */
function choices(given) {
  if (!given || typeof given !== 'object') return []
  const lines = Object.entries(given).map(([purpose, answer]) =>
    element(
      'li',
      {},
      element(
        'span',
        { class: answer === 'granted' ? 'yes' : 'no' },
        ui(answer === 'granted' ? 'yes' : 'no'),
      ),
      ` – ${printable(purpose)}`,
    ),
  )
  return [element('ul', {}, ...lines)]
}

/** @param {any} at */
function moment(at) {
  const read = new Date(String(at))
  return Number.isNaN(read.getTime())
    ? String(at)
    : read.toLocaleString(language, { dateStyle: 'long', timeStyle: 'long' })
}

/** @param {import('./check.js').Verdict} verdict */
function steps({ findings }) {
  const parts = SORTS.flatMap((sort) => {
    const some = findings.filter((each) => each.sort === sort)
    const lines = some.map((each) => element('li', {}, say(each)))
    return some.length ? [element('h3', {}, finding(sort)), element('ul', {}, ...lines)] : []
  })
  return element('details', {}, element('summary', {}, ui('each_step')), ...parts)
}

/** @param {any} record */
const asItIs = (record) =>
  element(
    'details',
    {},
    element('summary', {}, ui('record')),
    element('pre', {}, eachLine(JSON.stringify(record, null, 2))),
  )

/** @param {string} text */
const eachLine = (text) => text.split('\n').map(printable).join('\n')

/** @param {File} given */
async function take(given) {
  const place = one('verdict')
  try {
    if (given.size > MAX_BYTES + 1) throw new Error(ui('too_big_file'))
    file = { name: given.name, bytes: new Uint8Array(await given.arrayBuffer()) }
    await show()
  } catch (error) {
    file = null
    place.hidden = false
    const why = error instanceof Error && error.message ? error.message : ui('unreadable')
    place.replaceChildren(element('div', { class: 'head fails' }, element('h2', {}, why)))
  }
  place.focus()
  place.scrollIntoView({ block: 'nearest' })
}

one('language').addEventListener('click', () => {
  change()
  speak()
  void show()
})
one('file').addEventListener('change', (/** @type {any} */ { target }) => {
  if (target.files[0]) void take(target.files[0])
})
for (const id of ['key', 'whom', 'authority'])
  one(id).addEventListener('input', () => void show())
document.forms[0]?.addEventListener('submit', (event) => event.preventDefault())
document.addEventListener('dragover', (event) => {
  event.preventDefault()
  one('drop').classList.add('over')
})
document.addEventListener('dragleave', () => one('drop').classList.remove('over'))
document.addEventListener('drop', (event) => {
  event.preventDefault()
  one('drop').classList.remove('over')
  const given = event.dataTransfer?.files[0]
  if (given) void take(given)
})
// For whoever checks many: the same check, without the page.
Object.assign(window, { checkProof: check })
speak()
