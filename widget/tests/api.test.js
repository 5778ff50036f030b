/** `window.consent`: what a page says becomes the decision it means, and nothing wider. */
import { expect, test, vi } from 'vitest'
import { createApi } from '../src/api.js'
import { createAsk } from '../src/later/ask.js'

/** An API over these answers, and what it decided: each purpose asked about in turn. */
function make(answers = {}) {
  const decided = []
  const forget = vi.fn()
  const later = {
    decide_: (action, surface, chosen) =>
      decided.push([action, surface, chosen?.('analytics'), chosen?.('ads')]),
    forget_: forget,
  }
  const core = {
    known_: new Map(Object.entries(answers)),
    granted: (slug) => answers[slug] === 'granted',
    later_: () => later,
  }
  const api = createApi(core)
  later.ask_ = createAsk(core)
  return { api, decided, forget }
}

const YES = { analytics: 'granted', ads: 'granted' }

test.each([
  ['accept', 'accept_all'],
  ['refuse', 'refuse_all'],
])('%s names no purpose: it answers all of them', (name, action) => {
  const { api, decided } = make()
  api[name]()
  expect(decided).toEqual([[action, 'page', undefined, undefined]])
})

test.each([
  ['booleans', {}, { analytics: true, ads: false }, [true, false]],
  ['words', {}, { analytics: 'granted', ads: 'refused' }, [true, false]],
  ['a purpose not named keeps its yes', YES, { analytics: false }, [false, true]],
  [
    'a purpose not named, and never answered, is refused',
    {},
    { analytics: true },
    [true, false],
  ],
  ['what is not a yes is a no', YES, { analytics: 1, ads: 'true' }, [false, false]],
  ['nor is what every object has', {}, Object.create({ ads: true }), [false, false]],
])('save: %s', (_, answers, said, expected) => {
  const { api, decided } = make(answers)
  api.save(said)
  expect(decided).toEqual([['save', 'page', ...expected]])
})

test('reset withdraws a yes before it forgets', () => {
  const { api, decided, forget } = make(YES)
  api.reset()
  expect(decided).toEqual([['refuse_all', 'page', undefined, undefined]])
  expect(forget).toHaveBeenCalledOnce()
})

test.each([[{}], [{ ads: 'refused' }]])('reset of %j has nothing to withdraw', (answers) => {
  const { api, decided, forget } = make(answers)
  api.reset()
  expect(decided).toEqual([])
  expect(forget).toHaveBeenCalledOnce()
})

test('choices is a property, and a page that changes it changes nothing', () => {
  const { api } = make(YES)
  api.choices['ads'] = 'refused'
  expect(api.choices).toEqual(YES)
  expect(() => Object.assign(Object.freeze(api), { choices: {} })).toThrow(TypeError)
})

test('ready is kept with the whole of it', async () => {
  const { api } = make()
  expect(await api.ready).toBe(api)
})
