/** JSON read strictly and written canonically (RFC 8785): one value, one text, no free byte. */
import { text as decoded, utf8 } from './bytes.js'
import { Refused } from './refused.js'

export const MAX_BYTES = 4 * 1024 * 1024
const MAX_DEPTH = 32
const ESCAPES = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/**
 * Reads JSON that is exactly the canonical form of its value.
 *
 * @param {Uint8Array} bytes
 * @param {string} [field]
 */
export function readExact(bytes, field = '') {
  if (bytes.length > MAX_BYTES) throw new Refused('too_big', { field }, { limit: MAX_BYTES })
  const value = readJson(bytes, field)
  const exact = utf8(canonical(value, field))
  const at = bytes.findIndex((byte, place) => byte !== exact[place])
  if (at >= 0 || exact.length !== bytes.length)
    throw new Refused('not_exact', { field, byte: (at < 0 ? bytes.length : at) + 1 })
  return value
}

/**
 * Reads JSON strictly, in whatever manner it is written: a name that stands twice, a number
 * that is none or too big is refused.
 *
 * @param {Uint8Array} bytes
 * @param {string} [field]
 */
export function readJson(bytes, field = '') {
  return new Parser(decoded(bytes, field), field).whole()
}

class Parser {
  /** @param {string} text @param {string} field */
  constructor(text, field) {
    this.text = text
    this.field = field
    this.at = 0
  }

  whole() {
    const value = this.value(0)
    this.space()
    if (this.at < this.text.length) this.wrong('more than one value')
    return value
  }

  /** @param {string} why @returns {never} */
  wrong(why) {
    const byte = utf8(this.text.slice(0, this.at)).length + 1
    throw new Refused('not_json', { field: this.field, byte }, { why })
  }

  space() {
    while (' \t\n\r'.includes(this.text[this.at] || 'x')) this.at += 1
  }

  /** @param {string} mark */
  take(mark) {
    this.space()
    if (this.text[this.at] !== mark) return false
    this.at += 1
    return true
  }

  /** @param {number} depth @returns {any} */
  value(depth) {
    if (depth > MAX_DEPTH + 1)
      throw new Refused(
        'not_canonical',
        { field: this.field },
        { why: `deeper than ${MAX_DEPTH}` },
      )
    if (this.take('{')) return this.object(depth)
    if (this.take('[')) return this.list(depth)
    if (this.take('"')) return this.string()
    const rest = this.text.slice(this.at, this.at + 40)
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ])
      if (rest.startsWith(/** @type {string} */ (word))) {
        this.at += /** @type {string} */ (word).length
        return value
      }
    return this.number()
  }

  number() {
    const found = /^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/.exec(
      this.text.slice(this.at, this.at + 400),
    )
    if (!found) this.wrong('a value is due')
    const value = Number(found[0])
    const whole = !found[1] && !found[2]
    if (whole ? !Number.isSafeInteger(value) : !Number.isFinite(value))
      throw new Refused(
        'not_canonical',
        { field: this.field },
        { why: whole ? 'integer beyond 2^53' : 'not a number' },
      )
    this.at += found[0].length
    return value
  }

  string() {
    let made = ''
    for (;;) {
      const letter = this.text[this.at++]
      if (letter === undefined || letter < ' ') {
        this.at -= 1
        this.wrong('a text does not end')
      }
      if (letter === '"') return made
      made += letter === '\\' ? this.escape() : letter
    }
  }

  escape() {
    const letter = this.text[this.at++] ?? ''
    if (letter === 'u') {
      const digits = this.text.slice(this.at, this.at + 4)
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.wrong('four digits are due')
      this.at += 4
      return String.fromCharCode(parseInt(digits, 16))
    }
    if (!Object.hasOwn(ESCAPES, letter)) this.wrong('no such escape')
    return ESCAPES[/** @type {keyof typeof ESCAPES} */ (letter)]
  }

  /** @param {number} depth */
  list(depth) {
    /** @type {unknown[]} */
    const items = []
    if (this.take(']')) return items
    do items.push(this.value(depth + 1))
    while (this.take(','))
    if (!this.take(']')) this.wrong('] or , is due')
    return items
  }

  /** @param {number} depth */
  object(depth) {
    // Without a prototype: a name like `__proto__` is a name.
    const made = Object.create(null)
    if (this.take('}')) return made
    do {
      if (!this.take('"')) this.wrong('a name is due')
      const name = this.string()
      if (!this.take(':')) this.wrong(': is due')
      const value = this.value(depth + 1)
      if (name in made) throw new Refused('duplicate_key', { field: this.field }, { key: name })
      made[name] = value
    } while (this.take(','))
    if (!this.take('}')) this.wrong('} or , is due')
    return made
  }
}

/**
 * Writes a value canonically.
 *
 * @param {any} value
 * @param {string} [field]
 * @param {number} [depth]
 * @returns {string}
 */
export function canonical(value, field = '', depth = 0) {
  /** @param {string} why @returns {never} */
  const refuse = (why) => {
    throw new Refused('not_canonical', { field }, { why })
  }
  /** @param {string} text */
  const quoted = (text) =>
    /\p{Cs}/u.test(text) ? refuse('lone surrogate') : JSON.stringify(text)
  if (depth > MAX_DEPTH) refuse(`deeper than ${MAX_DEPTH}`)
  if (Array.isArray(value))
    return `[${value.map((each) => canonical(each, field, depth + 1)).join()}]`
  if (value && typeof value === 'object')
    return `{${Object.keys(value)
      .sort()
      .map((name) => `${quoted(name)}:${canonical(value[name], field, depth + 1)}`)
      .join()}}`
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value)
}
