import { describe, expect, test } from 'vitest'
import { leftOver } from '../src/clean.js'
import { remember, stateDecision } from '../src/decision.js'
import { countryText, lifetimeText } from '../src/details.js'
import { button, direction, element, link, webAddress } from '../src/elements.js'
import { firstLayer, secondLayer } from '../src/layers.js'
import en from '../words/en.json'
import fr from '../words/fr.json'
import { DECISION, NOW, VISITOR, makeExperience, makeMemory, makePurpose } from './make.js'

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

test('a link that is not of the web is only text', () => {
  expect(link('Policy', 'javascript:alert(1)', 'new tab').localName).toBe('span')
})

test('accept, refuse and choose differ by their words alone', () => {
  const looks = ['accept_all', 'refuse_all', 'choose'].map((action) => {
    const { className, localName, type } = button(action, action)
    return { className, localName, type }
  })
  expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(1)
})

test.each(['ar', 'he', 'ar-EG'])('%s runs from right to left', (language) => {
  expect(direction(language)).toBe('rtl')
})

test.each(['fr', 'en', 'hr'])('%s runs from left to right', (language) => {
  expect(direction(language)).toBe('ltr')
})

describe('lifetimes and countries in the reader’s language', () => {
  test.each([
    ['fr', 'P13M', '13\u00a0mois'],
    ['en', 'P1D', '1 day'],
    ['en', 'P2Y', '2 years'],
    ['en', 'PT30M', '30 minutes'],
    ['en', 'PT1H', '1 hour'],
    ['en', 'session', 'until you close the browser'],
    ['en', 'a fortnight', 'a fortnight'],
  ])('%s %s: %s', (language, lifetime, expected) => {
    expect(lifetimeText(lifetime, makeExperience({ language, words: en }))).toBe(expected)
  })

  test.each([
    ['fr', 'DE', 'Allemagne'],
    ['en', 'Germany', 'Germany'],
    ['en', undefined, undefined],
  ])('%s %s: %s', (language, country, expected) => {
    expect(countryText(country, language)).toBe(expected)
  })
})

describe('cookies of a refused purpose', () => {
  const tracker = (id, ...names) => ({
    id,
    name: id,
    cookies: names.map((name) => ({ name, lifetime: 'P1D' })),
  })
  const experience = makeExperience({
    purposes: [
      makePurpose('analytics', { trackers: ['t1'] }),
      makePurpose('ads', { trackers: ['t2', 't3'] }),
      makePurpose('basket', { trackers: ['t4'], exempt: true }),
    ],
    trackers: [
      tracker('t1', '_ga', '_gid'),
      tracker('t2', '_ga*'),
      tracker('t3', '(a+)+$', '*'),
      tracker('t4', 'cart'),
    ],
  })
  const left = (present, refused, granted) =>
    leftOver(
      experience,
      present,
      (slug) => refused.includes(slug),
      (slug) => granted.includes(slug),
    )

  test.each([
    ['its own go', ['_ga', '_gid', 'x'], ['analytics'], [], ['_ga', '_gid']],
    ['those another purpose uses stay', ['_ga', '_ga_1'], ['ads'], ['analytics'], ['_ga_1']],
    ['the choice itself stays', ['consent', 'y'], ['ads'], [], ['y']],
    ['the basket stays', ['cart'], ['ads'], ['basket'], []],
    ['none go without a refusal', ['_ga'], [], [], []],
  ])('%s', (_, present, refused, granted, expected) => {
    expect(left(present, refused, granted)).toEqual(expected)
  })
})

describe('a click becomes a decision', () => {
  const click = {
    action: 'refuse_all',
    surface: 'second_layer',
    answers: new Map([['ads', 'refused']]),
    now: NOW,
    id: 'i'.repeat(22),
    visitor: VISITOR,
    layout: 'bar',
    gpc: true,
  }
  const configuration = {
    site: 's',
    endpoint: 'e',
    script: 'f00',
    experience: makeExperience(),
  }

  test('that says what was shown, and what came before', () => {
    const before = makeMemory({ ads: 'granted 3' })
    expect(stateDecision(configuration, click, before, new Map([['ads', 'granted']]))).toEqual({
      id: click.id,
      visitor: VISITOR,
      notice_version: 'ntv_3',
      language: 'en',
      action: 'withdraw_all',
      choices: { ads: 'refused' },
      surface: 'second_layer',
      decided_at: '2026-11-22T10:41:00.000Z',
      previous: DECISION,
      shown: { script: 'f00', layout: 'bar', controls: { ads: true } },
      signals: { gpc: true },
    })
  })

  test('that names no previous one when there is none', () => {
    expect(stateDecision(configuration, click, null, new Map())).not.toHaveProperty('previous')
  })

  test('and a memory under the version that was read', () => {
    expect(remember(click, 3).answers.get('ads')).toEqual({ state: 'refused', version: 3 })
  })
})

describe('layers', () => {
  const shown = {
    known: new Map([['ads', 'granted']]),
    pending: [],
    again: false,
    receipt: null,
  }
  const inputs = (nodes) => nodes.flatMap((node) => [...node.querySelectorAll('input')])

  test('no switch is set before a choice', () => {
    const boxes = inputs(secondLayer(makeExperience(), { ...shown, known: new Map() }))
    expect(boxes.map(({ name, checked }) => [name, checked])).toEqual([
      ['analytics', false],
      ['ads', false],
    ])
  })

  test('a switch shows the answer that stands, and an exempt purpose has none', () => {
    const boxes = inputs(secondLayer(makeExperience(), shown))
    expect(boxes.map(({ checked }) => checked)).toEqual([false, true])
  })

  test('the first layer has no switch at all', () => {
    expect(inputs(firstLayer(makeExperience(), shown))).toEqual([])
  })
})

test('both languages have the same words', () => {
  expect(Object.keys(fr)).toEqual(Object.keys(en))
})
