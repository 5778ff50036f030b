import { describe, expect, test } from 'vitest'
import { button, createHosts, element, webAddress } from '../src/elements.js'
import { leftOver } from '../src/later/clean.js'
import { stateDecision } from '../src/later/decision.js'
import { secondLayer } from '../src/later/second.js'
import { layer } from '../src/layers.js'
import { DECISION, NOW, VISITOR, makeConfiguration, makeMemory, makePurpose } from './make.js'

test.each([
  ['https://tracker.example/a.js', 'https://tracker.example/a.js'],
  ['http://tracker.example/', 'http://tracker.example/'],
  ['javascript:alert(1)', null],
  ['JaVaScRiPt:alert(1)', null],
  [' \tjava\nscript:alert(1)', null],
  ['data:text/html,<script>', null],
  ['blob:https://x.example/1', null],
  ['http://[', null],
  ['', null],
  [null, null],
])('the address %j is %j', (given, expected) => {
  expect(webAddress(given)).toBe(expected)
})

test('text is never markup', () => {
  const made = element('p', {}, '<img src=x onerror=alert(1)>')
  expect(made.children.length).toBe(0)
})

test('accept, refuse and choose differ by their words alone', () => {
  const looks = ['accept_all', 'refuse_all', 'choose'].map((action) => {
    const { className, localName } = button(action, action)
    return { className, localName }
  })
  expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(1)
})

test.each([
  [{ lang_: 'he', dir_: 'rtl' }, 'he', 'rtl'],
  [{ lang_: 'fr' }, 'fr', 'ltr'],
])('%j is told to the browser', (but, lang, dir) => {
  const { host } = createHosts({ theme_: '' })('consent-banner', makeConfiguration(but))
  expect([host.lang, host.dir]).toEqual([lang, dir])
})

describe('cookies of a refused purpose', () => {
  const tracker = (...names) => ['t', 0, names.map((name) => [name, '1 day'])]
  const configuration = makeConfiguration({
    purposes_: [
      makePurpose('analytics'),
      makePurpose('ads'),
      makePurpose('basket', { exempt_: 1 }),
    ],
    texts_: [
      ['', 0],
      ['', 1, 2],
      ['', 3],
    ],
    trackers_: [
      tracker('_ga', '_gid'),
      tracker('_ga*'),
      tracker('(a+)+$', '*'),
      tracker('cart'),
    ],
  })
  const left = (present, refused, granted) =>
    leftOver(
      {
        configuration,
        answer: (slug) => (refused.includes(slug) ? 'refused' : undefined),
        granted: (slug) => granted.includes(slug),
      },
      present,
    )

  test.each([
    ['its own go', ['_ga', '_gid', 'x'], ['analytics'], [], ['_ga', '_gid']],
    ['those another purpose uses stay', ['_ga', '_ga_1'], ['ads'], ['analytics'], ['_ga_1']],
    ['the choice itself stays', ['consent', 'y'], ['ads'], [], ['y']],
    ['the basket stays', ['cart'], ['ads'], ['basket'], []],
    ['what waits to be sent stays', ['consent.unsent'], ['ads'], [], []],
    ['none go without a refusal', ['_ga'], [], [], []],
  ])('%s', (_, present, refused, granted, expected) => {
    expect(left(present, refused, granted)).toEqual(expected)
  })
})

describe('a click becomes a decision', () => {
  const click = {
    id: 'i'.repeat(22),
    visitor: VISITOR,
    action: 'refuse_all',
    surface: 'second_layer',
    choices: { ads: 'refused' },
  }
  const state = (but, before, known) =>
    stateDecision(
      {
        configuration: makeConfiguration(),
        known_: new Map(Object.entries(known)),
        layout: 'bar',
      },
      { ...click, ...but },
      NOW,
      before,
    )

  test('that says what was shown, and what came before', () => {
    expect(state({}, makeMemory({ ads: 'g 3' }), { ads: 'granted' })).toEqual({
      ...click,
      notice_version: 'ntv_3',
      language: 'en',
      action: 'withdraw_all',
      decided_at: '2026-11-22T10:41:00.000Z',
      previous: DECISION,
      shown: { script: 'f00', layout: 'bar', controls: { ads: true } },
      signals: { gpc: false },
    })
  })

  test('that names no previous one when there is none', () => {
    expect(state({}, null, {})).not.toHaveProperty('previous')
  })

  test.each([
    ['refuse_all', {}, 'refuse_all'],
    ['refuse_all', { ads: 'refused' }, 'refuse_all'],
    ['refuse_all', { ads: 'granted' }, 'withdraw_all'],
    ['accept_all', { ads: 'granted' }, 'accept_all'],
    ['save', { ads: 'granted' }, 'save'],
  ])('%s after %o is named %s', (action, known, expected) => {
    expect(state({ action }, null, known).action).toBe(expected)
  })
})

describe('layers', () => {
  const granted = new Map([['ads', 'granted']])
  const show = (second, with_ = {}, known = granted) => {
    const configuration = makeConfiguration(with_)
    const more = second ? secondLayer(configuration, known) : []
    const made = element('div', {})
    made.append(...layer({ configuration, pending_: [] }, more))
    return made
  }
  const switches = (made) =>
    [...made.querySelectorAll('input')].map(({ name, checked }) => [name, checked])

  test('no switch is set before a choice', () => {
    expect(switches(show(true, {}, new Map()))).toEqual([
      ['analytics', false],
      ['ads', false],
    ])
  })

  test('a switch shows the answer that stands, and an exempt purpose has none', () => {
    expect(switches(show(true))).toEqual([
      ['analytics', false],
      ['ads', true],
    ])
  })

  test('the first layer has no switch at all', () => {
    expect(switches(show(false))).toEqual([])
  })

  test.each([
    [false, ['accept_all', 'refuse_all', 'choose']],
    [true, ['close', 'accept_all', 'refuse_all', 'save']],
  ])('second: %s offers %j', (second, expected) => {
    const buttons = [...show(second).querySelectorAll('button')]
    expect(buttons.map(({ dataset }) => dataset['action'])).toEqual(expected)
  })

  test('a link that is not of the web is none', () => {
    expect(show(true, { privacy_: 'javascript:alert(1)' }).querySelector('a')).toBeNull()
    const link = show(true, { privacy_: 'https://x.example/' }).querySelector('a')
    expect([link?.href, link?.textContent]).toEqual([
      'https://x.example/',
      'Privacy policy (new tab)',
    ])
  })

  test('a text in another language says so', () => {
    const purposes_ = [makePurpose('ads', { lang_: 'ar' })]
    const group = show(true, { purposes_ }).querySelector('[data-purpose=ads]')
    for (const own of ['h3', 'p']) {
      const found = group?.querySelector(own)
      expect([found?.getAttribute('lang'), found?.getAttribute('dir')]).toEqual(['ar', 'auto'])
    }
    // The switch beside it speaks the reader's language.
    expect(group?.querySelector('label')?.closest('[lang]')?.getAttribute('lang')).not.toBe(
      'ar',
    )
  })
})
