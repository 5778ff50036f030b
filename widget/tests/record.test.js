import { beforeEach, describe, expect, test, vi } from 'vitest'
import { cookie, encode, newId, writeCookie } from '../src/later/write.js'
import { decode, readCookies, remembered } from '../src/record.js'
import { DECISION, VISITOR, makeMemory } from './make.js'

const HEAD = `1~${VISITOR}~${DECISION}~tow000`

function forget() {
  for (const pair of document.cookie.split('; '))
    document.cookie = `${pair.split('=')[0]}=; Max-Age=0; Path=/`
}

beforeEach(forget)

test('what is written is what is read', () => {
  const memory = makeMemory(
    { 'prospecting.email': 'g 12', 'a-b_c': 'r 3', x: 's 1' },
    { receipt_: 'rcp_1-a.b' },
  )
  expect(decode(encode(memory))).toEqual(memory)
})

test('the cookie holds only characters that need no escaping in a URL', () => {
  expect(encode(makeMemory({ ads: 'g 3' }))).toMatch(/^[\w.~-]+$/)
})

test('a memory whose last decision the server refused is still one', () => {
  const memory = makeMemory({ ads: 'r 3' }, { id_: '' })
  expect(decode(encode(memory))).toEqual(memory)
})

test.each([
  ['empty', ''],
  ['of another tool', '{"analytics":true}'],
  ['of a later format', HEAD.replace('1~', '2~') + '~~g1-ads'],
  ['with a visitor too short', `1~short~${DECISION}~tow000~~g1-ads`],
  ['with a time that is not one', `1~${VISITOR}~${DECISION}~-1~~g1-ads`],
  ['with markup', `${HEAD}~~g1-<b>`],
  ['very long', `${HEAD}~~${'g1-a~'.repeat(50_000)}!`],
])('a cookie %s is none', (_, value) => {
  expect(decode(value)).toBeNull()
})

test.each(['x1-ads', 'g-ads', 'gg1-ads', 'g1', 'g12345678901-ads'])(
  'an answer %s is not understood and the rest is',
  (bad) => {
    expect([...(decode(`${HEAD}~~${bad}~r2-video`)?.answers_.keys() ?? [])]).toEqual(['video'])
  },
)

test('a purpose named after a prototype changes no prototype', () => {
  const memory = decode(`${HEAD}~~g1-__proto__~g1-constructor`)
  expect(memory?.answers_.get('__proto__')).toEqual(['g', 1])
  expect(Object.keys(Object.prototype)).toEqual([])
})

test('names are 128 random bits in base64url', () => {
  const names = new Set(Array.from({ length: 200 }, newId))
  expect(names.size).toBe(200)
  for (const name of names) expect(name).toMatch(/^[\w-]{22}$/)
})

describe('memory', () => {
  const read = () => remembered({}, readCookies())
  const write = (configuration, memory) => writeCookie(cookie(configuration, memory))

  test('is empty until written', () => {
    expect(read()).toBeUndefined()
    expect(document.cookie).toBe('')
  })

  test('reads past a cookie of the same name that is not ours', () => {
    document.cookie = 'consent=yes; Path=/elsewhere'
    write({}, makeMemory({ ads: 'r 1' }, { time_: Date.now() }))
    expect(read()?.answers_.get('ads')?.[0]).toBe('r')
  })

  test('is not kept where cookies are forbidden, and says so', () => {
    const problems = vi.fn()
    document.addEventListener('consent:problem', problems, { once: true })
    vi.spyOn(document, 'cookie', 'get').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError')
    })
    write({}, makeMemory({ ads: 'g 1' }))
    expect(read()).toBeUndefined()
    expect(problems.mock.calls[0]?.[0].detail.name).toBe('StorageRefusedError')
  })

  test('has the name and the sub-domains that the site gave it', () => {
    const written = []
    vi.spyOn(document, 'cookie', 'set').mockImplementation((text) => written.push(text))
    write({ cookie_: 'choice', domain_: 'x.example' }, makeMemory({}))
    expect(written[0]).toMatch(/^choice=1~.*; Domain=x\.example$/)
  })
})
