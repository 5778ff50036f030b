import { describe, expect, test } from 'vitest'
import * as choices from '../src/choices.js'
import { NOW, makeExperience, makeMemory, makePurpose } from './make.js'

const DAY = 86_400_000
const slugs = (purposes) => purposes.map(({ slug }) => slug)
const asks = (memory, experience = makeExperience(), now = NOW) =>
  slugs(choices.toAsk(experience, memory, now))

describe('when to ask', () => {
  const yes = { analytics: 'granted 3', ads: 'granted 3' }
  const no = { analytics: 'refused 3', ads: 'refused 3' }
  const sixMonthsOn = Date.UTC(2027, 4, 22, 10, 41)

  test.each([
    ['nobody has answered', null, {}, NOW, ['analytics', 'ads']],
    ['everything was accepted', yes, {}, NOW, []],
    ['everything was refused', no, {}, NOW, []],
    ['six months less a second after a yes', yes, {}, sixMonthsOn - 1000, []],
    ['six months less a second after a no', no, {}, sixMonthsOn - 1000, []],
    ['six months after a yes', yes, {}, sixMonthsOn, ['analytics', 'ads']],
    ['six months after a no', no, {}, sixMonthsOn, ['analytics', 'ads']],
    ['the site asks for a year', yes, { ask_again_after: 'P1Y' }, sixMonthsOn, []],
    ['the site asks for a day', yes, { ask_again_after: 'P1D' }, NOW + 2 * DAY, []],
    ['the site asks for nonsense', no, { ask_again_after: 'soon' }, NOW + 2 * DAY, []],
    ['the clock went backwards', yes, {}, NOW - 400 * DAY, []],
    ['one purpose is new', { analytics: 'refused 3' }, {}, NOW, ['ads']],
    ['an exempt purpose is new', yes, {}, NOW, []],
    ['a purpose unknown here was answered', { ...yes, old: 'granted 1' }, {}, NOW, []],
    ['a yes was superseded under these words', { ...yes, ads: 'superseded 3' }, {}, NOW, []],
    [
      'a yes was superseded and words are newer',
      { ...yes, ads: 'superseded 2' },
      {},
      NOW,
      ['ads'],
    ],
  ])('%s', (_, answers, experience, now, expected) => {
    const memory = answers && makeMemory(answers)
    expect(asks(memory, makeExperience(experience), now)).toEqual(expected)
  })

  test.each([
    ['granted 2', 2, []],
    ['granted 2', 3, ['ads']],
    ['refused 2', 3, ['ads']],
    ['granted 9', 3, []],
  ])('an answer "%s" under floor %d', (answer, floor, expected) => {
    const purposes = [makePurpose('analytics'), makePurpose('ads', { floor })]
    const memory = makeMemory({ analytics: 'granted 1', ads: answer })
    expect(asks(memory, makeExperience({ purposes }))).toEqual(expected)
  })

  test('a notice that only informs never asks', () => {
    const purposes = [makePurpose('basket', { exempt: true })]
    expect(asks(null, makeExperience({ purposes }))).toEqual([])
  })
})

describe('durations', () => {
  test.each([
    ['P6M', Date.UTC(2026, 7, 31), Date.UTC(2027, 2, 3), 'a day that February lacks runs over'],
    ['P1Y2M', Date.UTC(2026, 0, 1), Date.UTC(2027, 2, 1), 'years and months'],
    ['P26W', Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 2), 'weeks'],
    ['P180D', Date.UTC(2026, 0, 1), Date.UTC(2026, 5, 30), 'days'],
    ['PT1H', 0, null, 'hours are not a memory'],
    ['6 months', 0, null, 'words'],
    ['', 0, null, 'nothing'],
  ])('%s after %d is %s: %s', (duration, from, expected) => {
    expect(choices.after(from, duration)).toBe(expected)
  })
})

describe('what may run', () => {
  const experience = makeExperience()
  test.each([
    ['ads', 'granted 3', true],
    ['ads', 'refused 3', false],
    ['ads', 'superseded 3', false],
    ['analytics', 'granted 3', false],
    ['basket', 'refused 3', true],
    ['unknown', 'granted 3', false],
    ['__proto__', 'granted 3', false],
  ])('%s when ads is "%s": %s', (slug, answer, expected) => {
    const known = choices.standing(
      experience,
      makeMemory({ ads: answer, unknown: 'granted 3' }),
      NOW,
    )
    expect(choices.mayRun(experience, known, slug)).toBe(expected)
  })

  test('nothing but the exempt without an answer', () => {
    const runs = ['analytics', 'ads', 'basket'].filter((slug) =>
      choices.mayRun(experience, choices.standing(experience, null, NOW), slug),
    )
    expect(runs).toEqual(['basket'])
  })
})

test('every purpose that is not exempt gets an answer', () => {
  const answers = choices.answerAll(makeExperience(), (slug) => slug === 'ads')
  expect(Object.fromEntries(answers)).toEqual({ analytics: 'refused', ads: 'granted' })
})

test.each([
  ['refuse_all', {}, 'refuse_all'],
  ['refuse_all', { ads: 'refused' }, 'refuse_all'],
  ['refuse_all', { ads: 'granted' }, 'withdraw_all'],
  ['accept_all', { ads: 'granted' }, 'accept_all'],
  ['save', { ads: 'granted' }, 'save'],
])('%s after %o is named %s', (action, known, expected) => {
  expect(choices.nameAction(action, new Map(Object.entries(known)))).toBe(expected)
})

describe("the server's word on what stands", () => {
  const { answers } = makeMemory({ ads: 'granted 3', analytics: 'refused 2' })
  test.each([
    ['nothing', {}, [], 'granted'],
    ['granted', { ads: 'granted' }, [], 'granted'],
    ['withdrawn', { ads: 'withdrawn' }, [], 'refused'],
    ['objected', { ads: 'objected' }, [], 'refused'],
    ['refused', { ads: 'refused' }, [], 'refused'],
    ['expired', { ads: 'expired' }, [], 'superseded'],
    ['a word not known here', { ads: 'constructor' }, [], 'superseded'],
    ['asked again', { ads: 'granted' }, ['ads'], 'superseded'],
  ])('%s', (_, said, again, expected) => {
    const adopted = choices.adopt(answers, said, again)
    expect(adopted.get('ads')).toEqual({ state: expected, version: 3 })
    expect(adopted.get('analytics')).toEqual({ state: 'refused', version: 2 })
  })

  test('a refusal refused together with a yes is no yes again', () => {
    const adopted = choices.adopt(answers, { ads: 'withdrawn', analytics: 'granted' }, [])
    expect(adopted.get('analytics')).toEqual({ state: 'refused', version: 2 })
  })

  test('purposes never answered here are not invented', () => {
    expect([...choices.adopt(answers, { maps: 'granted' }, ['video']).keys()]).toEqual([
      'ads',
      'analytics',
    ])
  })
})
