import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSender } from '../src/later/send.js'
import { makeDecision } from './make.js'

const taken = (decision) =>
  Response.json({ id: 'dec_1', receipt: `rcp-${decision.id}` }, { status: 201 })
const refused = (status, code) => Response.json({ code }, { status })

let sent
let answered
let problems
let server

function hear({ detail }) {
  problems.push(detail)
}

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
  ;[sent, answered, problems] = [[], [], []]
  server = taken
  vi.stubGlobal('fetch', async (url, { body, ...options }) => {
    const decision = JSON.parse(body)
    sent.push({ decision, options })
    return server(decision)
  })
  document.addEventListener('consent:problem', hear)
})

afterEach(() => {
  document.removeEventListener('consent:problem', hear)
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

function begin(...ids) {
  const url = 'https://consent.example/v1/sites/site_1/decisions'
  const send = createSender(url, (decision, answer) => answered.push([decision.id, answer]))
  const taken = ids.map((id) => (typeof id === 'string' ? makeDecision(id) : id))
  return { flush: () => send(taken.splice(0)) }
}

const idsSent = () => sent.map(({ decision }) => decision.id)

test('decisions are sent in the order they were taken, and then nothing is kept', async () => {
  await begin('a', 'b', 'c').flush()
  expect(idsSent()).toEqual(['a', 'b', 'c'])
  expect(answered.map(([id]) => id)).toEqual(['a', 'b', 'c'])
  expect(localStorage.length).toBe(0)
})

test('a decision leaves without cookies or the address of the page, and outlives it', async () => {
  await begin('a').flush()
  expect(sent[0].options).toMatchObject({
    keepalive: true,
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    headers: { 'Content-Type': 'application/json' },
  })
})

test('two calls at once send each decision once', async () => {
  const { flush } = begin('a')
  await Promise.all([flush(), flush()])
  expect(idsSent()).toEqual(['a'])
})

test.each([
  ['is unreachable', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['is broken', () => refused(500)],
  ['is busy', () => refused(429)],
  ['answers nothing', () => new Response('', { status: 201 })],
  ['is not ours', () => new Response('<html>', { status: 200 })],
])('while the server %s the decision waits, and goes when it can', async (_, trouble) => {
  server = trouble
  const { flush } = begin('a', 'b')
  await flush()
  expect(idsSent()).toEqual(['a'])
  server = taken
  await vi.advanceTimersByTimeAsync(5_000)
  expect(answered.map(([id]) => id)).toEqual(['a', 'b'])
})

test('each try waits longer than the last, up to two minutes', async () => {
  server = () => refused(503)
  vi.spyOn(Math, 'random').mockReturnValue(0)
  await begin('a').flush()
  await vi.advanceTimersByTimeAsync(2_000 + 4_000 + 8_000)
  expect(sent.length).toBe(4)
  await vi.advanceTimersByTimeAsync(15_999)
  expect(sent.length).toBe(4)
})

test('calling again and again does not hurry a dead server', async () => {
  server = () => refused(503)
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const { flush } = begin('a')
  for (let call = 0; call < 5; call += 1) await flush()
  await vi.advanceTimersByTimeAsync(31_000)
  expect(sent.length).toBe(5)
})

test('what could not be sent goes with the next page', async () => {
  server = () => refused(503)
  await begin('a').flush()
  server = taken
  await begin().flush()
  expect(idsSent()).toEqual(['a', 'a'])
  expect(localStorage.length).toBe(0)
})

test('a later no is told to the banner and not sent again', async () => {
  server = () =>
    Response.json({ code: 'later_no', standing: { ads: 'withdrawn' } }, { status: 409 })
  await begin('a').flush()
  expect(answered).toEqual([['a', { code: 'later_no', standing: { ads: 'withdrawn' } }]])
  expect(localStorage.length).toBe(0)
})

test('an unknown previous is waited for once, then left out', async () => {
  server = (decision) =>
    decision.previous ? refused(409, 'unknown_previous') : taken(decision)
  await begin(makeDecision('a', { previous: 'x' })).flush()
  await vi.advanceTimersByTimeAsync(5_000)
  expect(sent.map(({ decision }) => decision.previous)).toEqual(['x', 'x', undefined])
  expect(localStorage.length).toBe(0)
})

describe('a clock that is wrong', () => {
  const future = (decision) =>
    Date.parse(decision.decided_at) > Date.now() - 1_000
      ? Response.json(
          { code: 'invalid', errors: [{ pointer: '/decided_at', detail: 'in the future' }] },
          { status: 422, headers: { Date: new Date(Date.now() - 3_600_000).toUTCString() } },
        )
      : taken(decision)

  test.each([
    ['at the click', 0],
    ['before', 60_000],
  ])('by an hour too far, %s: the same moment by the server’s', async (_, ago) => {
    const clicked = Date.now() - ago
    const decision = { decided_at: new Date(clicked).toISOString(), previous: 'x' }
    server = (one) => (sent.length > 1 ? taken(one) : future({ decided_at: '9999-01-01' }))
    await begin(makeDecision('a', decision)).flush()
    expect(idsSent()).toEqual(['a', 'a'])
    expect(sent[1].decision.previous).toBe('x')
    const mended = Date.parse(sent[1].decision.decided_at)
    expect(Math.abs(mended - (clicked - 3_600_000))).toBeLessThan(2_000)
  })

  test('is mended once, and not where the server’s clock is not told', async () => {
    server = () => future({ decided_at: '9999-01-01' })
    await begin(makeDecision('a', { decided_at: '2026-11-22T10:41:00Z' })).flush()
    expect(idsSent()).toEqual(['a', 'a'])
    server = () => Response.json({ errors: [{ pointer: '/decided_at' }] }, { status: 422 })
    await begin(makeDecision('b', { decided_at: '2026-11-22T10:41:00Z' })).flush()
    expect(idsSent()).toEqual(['a', 'a', 'b'])
    expect(problems.map(({ name }) => name)).toEqual([
      'DecisionRefusedError',
      'DecisionRefusedError',
    ])
  })
})

test('a decision the server will never take is dropped and told, and the next one goes', async () => {
  server = (decision) => (decision.id === 'a' ? refused(422, 'invalid') : taken(decision))
  await begin('a', 'b').flush()
  expect(answered.map(([id]) => id)).toEqual(['b'])
  expect(problems.map(({ name }) => name)).toEqual(['DecisionRefusedError'])
})

test.each([
  ['is forbidden', 'getItem', 'setItem', 'removeItem'],
  ['is full', 'setItem'],
  ['cannot be changed', 'setItem', 'removeItem'],
  ['only pretends'],
])('where storage %s decisions are still sent, once each', async (state, ...methods) => {
  const fail = () => {
    throw new DOMException('no', 'QuotaExceededError')
  }
  const kept = JSON.stringify([makeDecision('old')])
  const works = { getItem: () => kept, setItem() {}, removeItem() {} }
  const refusing = Object.fromEntries(methods.map((name) => [name, fail]))
  vi.stubGlobal('localStorage', { ...works, ...refusing })
  await begin('a', 'b').flush()
  const expected = { 'is forbidden': ['a', 'b'], 'only pretends': ['old'] }
  expect(idsSent()).toEqual(expected[state] ?? ['old', 'a', 'b'])
  expect(problems.every(({ name }) => name === 'StorageRefusedError')).toBe(true)
})

test.each(['{', 'null', '"x"', '[null, 3, {"id": 4}]', '{"__proto__": {"id": "x"}}'])(
  'a queue that is not ours (%s) sends nothing',
  async (text) => {
    localStorage.setItem('consent.unsent', text)
    await begin().flush()
    expect(sent).toEqual([])
  },
)
