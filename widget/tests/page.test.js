import { describe, expect, test } from 'vitest'
import { createHosts } from '../src/hosts.js'
import { button, element } from '../src/modules/lib/elements.js'
import { leftOver } from '../src/later/clean.js'
import { stateDecision } from '../src/later/decision.js'
import { webAddress } from '../src/later/marked.js'
import { DECISION, NOW, VISITOR, makeConfiguration, makeMemory } from './make.js'

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
  const { host } = createHosts([])('consent-banner', makeConfiguration(but))
  expect([host.lang, host.dir]).toEqual([lang, dir])
})

describe('cookies of a refused purpose', () => {
  const configuration = makeConfiguration({
    cookies_: [['_ga', '_gid'], ['_ga*', '(a+)+$', '*'], ['cart']],
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
  const state = (but, before, controls) =>
    stateDecision(
      { configuration: makeConfiguration(), layout: 'bar' },
      { ...click, ...but },
      controls,
      NOW,
      before,
    )

  test('that says what was shown, and what came before', () => {
    expect(state({}, makeMemory({ ads: 'g 3' }), { ads: true })).toEqual({
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
    expect(JSON.stringify(state({}, null, {}))).not.toContain('previous')
  })

  test.each([
    ['refuse_all', {}, 'refuse_all'],
    ['refuse_all', { ads: false }, 'refuse_all'],
    ['refuse_all', { ads: true }, 'withdraw_all'],
    ['accept_all', { ads: true }, 'accept_all'],
    ['save', { ads: true }, 'save'],
  ])('%s after %o is named %s', (action, controls, expected) => {
    expect(state({ action }, null, controls).action).toBe(expected)
  })
})
