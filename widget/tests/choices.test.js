import { describe, expect, test } from 'vitest'
import { mayRun } from '../src/choices.js'
import { adopt } from '../src/later/adopt.js'
import { askAgainAt, weigh as weighed } from '../src/later/weigh.js'
import { NOW, makeAnswers, makeConfiguration, makeMemory, makePurpose } from './make.js'

const DAY = 86_400_000
const nobody = () => undefined
const slugs = (purposes) => purposes.map(({ slug_ }) => slug_)
const weigh = (memory, configuration = makeConfiguration(), now = NOW, unasked = nobody) =>
  weighed(configuration, memory, now, unasked)

describe('when to ask', () => {
  const yes = { analytics: 'g 3', ads: 'g 3' }
  const no = { analytics: 'r 3', ads: 'r 3' }
  const sixMonthsOn = Date.UTC(2027, 4, 22, 10, 41)

  test.each([
    ['nobody has answered', null, {}, NOW, ['analytics', 'ads']],
    ['everything was accepted', yes, {}, NOW, []],
    ['everything was refused', no, {}, NOW, []],
    ['six months less a second after a yes', yes, {}, sixMonthsOn - 1000, []],
    ['six months less a second after a no', no, {}, sixMonthsOn - 1000, []],
    ['six months after a yes', yes, {}, sixMonthsOn, ['analytics', 'ads']],
    ['six months after a no', no, {}, sixMonthsOn, ['analytics', 'ads']],
    ['the site asks for a year', yes, { days_: 366 }, sixMonthsOn, []],
    ['the site asks for a day', yes, { days_: 1 }, NOW + 2 * DAY, []],
    ['the clock went backwards', yes, {}, NOW - 400 * DAY, []],
    ['one purpose is new', { analytics: 'r 3' }, {}, NOW, ['ads']],
    ['an exempt purpose is new', yes, {}, NOW, []],
    ['a purpose unknown here was answered', { ...yes, old: 'g 1' }, {}, NOW, []],
    ['a yes was superseded under these words', { ...yes, ads: 's 3' }, {}, NOW, []],
    ['a yes was superseded and words are newer', { ...yes, ads: 's 2' }, {}, NOW, ['ads']],
  ])('%s', (_, answers, but, now, expected) => {
    const memory = answers && makeMemory(answers)
    expect(slugs(weigh(memory, makeConfiguration(but), now).pending_)).toEqual(expected)
  })

  test.each([
    ['g 2', 2, []],
    ['g 2', 3, ['ads']],
    ['r 2', 3, ['ads']],
    ['g 9', 3, []],
  ])('an answer "%s" under floor %d', (answer, floor_, expected) => {
    const purposes_ = [makePurpose('analytics'), makePurpose('ads', { floor_ })]
    const memory = makeMemory({ analytics: 'g 1', ads: answer })
    expect(slugs(weigh(memory, makeConfiguration({ purposes_ })).pending_)).toEqual(expected)
  })

  test('a notice that only informs never asks', () => {
    const purposes_ = [makePurpose('basket', { exempt_: 1 })]
    expect(weigh(null, makeConfiguration({ purposes_ })).pending_).toEqual([])
  })

  test.each([
    ['nobody has answered', null, NOW, false],
    ['the words have changed', { analytics: 'g 3' }, NOW, true],
    ['the answers have ended', { analytics: 'g 3' }, sixMonthsOn, false],
    ['everything is answered', yes, NOW, false],
  ])('why: %s', (_, answers, now, expected) => {
    expect(!!weigh(answers && makeMemory(answers), undefined, now).again_).toBe(expected)
  })

  test('what a signal answers is not asked about, and the visitor’s own answer goes before it', () => {
    const { known_, pending_ } = weigh(
      makeMemory({ ads: 'g 3' }),
      undefined,
      NOW,
      () => 'refused',
    )
    expect(pending_).toEqual([])
    expect(Object.fromEntries(known_)).toEqual({ analytics: 'refused', ads: 'granted' })
  })
})

describe('six months', () => {
  test.each([
    [0, Date.UTC(2026, 7, 31), Date.UTC(2027, 2, 3), 'a day that February lacks runs over'],
    [0, Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1), 'by the calendar'],
    [7, Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 1), 'never sooner'],
    [200, Date.UTC(2026, 0, 1), Date.UTC(2026, 6, 20), 'later where the notice says so'],
  ])('%d days after %d: %d, %s', (days, from, expected) => {
    expect(askAgainAt(from, days)).toBe(expected)
  })
})

describe('what may run', () => {
  const configuration = makeConfiguration()
  const runs = (memory, slug) =>
    mayRun(configuration, weigh(memory, configuration).known_, slug)

  test.each([
    ['ads', 'g 3', true],
    ['ads', 'r 3', false],
    ['ads', 's 3', false],
    ['analytics', 'g 3', false],
    ['basket', 'r 3', true],
    ['unknown', 'g 3', false],
    ['__proto__', 'g 3', false],
  ])('%s when ads is "%s": %s', (slug, answer, expected) => {
    expect(runs(makeMemory({ ads: answer, unknown: 'g 3' }), slug)).toBe(expected)
  })

  test('nothing but the exempt without an answer', () => {
    const running = ['analytics', 'ads', 'basket'].filter((slug) => runs(null, slug))
    expect(running).toEqual(['basket'])
  })
})

describe("the server's word on what stands", () => {
  const kept = makeAnswers({ ads: 'g 3', analytics: 'r 2' })
  test.each([
    ['nothing', {}, [], 'g'],
    ['granted', { ads: 'granted' }, [], 'g'],
    ['withdrawn', { ads: 'withdrawn' }, [], 'r'],
    ['objected', { ads: 'objected' }, [], 'r'],
    ['refused', { ads: 'refused' }, [], 'r'],
    ['expired', { ads: 'expired' }, [], 's'],
    ['a word not known here', { ads: 'constructor' }, [], 's'],
    ['asked again', { ads: 'granted' }, ['ads'], 's'],
  ])('%s', (_, said, again, expected) => {
    const adopted = adopt(kept, said, again)
    expect([adopted.get('ads'), adopted.get('analytics')]).toEqual([
      [expected, 3],
      ['r', 2],
    ])
  })

  test('a refusal refused together with a yes is no yes again', () => {
    const adopted = adopt(kept, { ads: 'withdrawn', analytics: 'granted' }, [])
    expect(adopted.get('analytics')).toEqual(['r', 2])
  })

  test('purposes never answered here are not invented', () => {
    const adopted = adopt(kept, { maps: 'granted' }, ['video'])
    expect([...adopted.keys()]).toEqual(['ads', 'analytics'])
  })
})
