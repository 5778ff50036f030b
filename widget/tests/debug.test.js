import { afterEach, expect, test } from 'vitest'
import debug from '../src/modules/debug.js'
import {
  calledBefore,
  decidedAt,
  googleStates,
  heldElements,
} from '../src/modules/lib/page_state.js'
import { createHosts } from '../src/hosts.js'
import { element } from '../src/modules/lib/elements.js'
import { on } from '../src/events.js'
import { NOW, makeConfiguration } from './make.js'

function open(search, but = {}) {
  history.replaceState(null, '', search)
  const core = {
    configuration: makeConfiguration(but),
    nonce: '',
    on,
    granted: () => false,
    answer: () => undefined,
    host: createHosts([]),
  }
  debug(core)
  dispatchEvent(new Event('load'))
}

const panel = () => document.querySelector('consent-debug')?.shadowRoot
const tell = (detail) => document.dispatchEvent(new CustomEvent('consent:blocked', { detail }))

afterEach(() => {
  document.querySelector('consent-debug')?.remove()
  delete window.dataLayer
})

test('an ordinary visitor never sees the panel', () => {
  open('?utm=1')
  expect(panel()).toBe(undefined)
})

test('the panel says what was held back, and nothing personal of its address', () => {
  open('?consent-debug')
  tell({ url: 'https://www.youtube.com/x.js?me=jane', purposes: ['ads'], why: 'network' })
  expect(panel().textContent).toContain('www.youtube.com/x.js: ads (call stopped)')
  expect(panel().textContent).not.toContain('jane')
})

test('what no purpose of the site covers is said to be nobody’s', () => {
  open('?consent-debug')
  const frame = document.createElement('iframe')
  frame.setAttribute('data-src', 'https://www.youtube.com/embed/1')
  frame.dataset.purpose = ''
  document.body.append(frame)
  tell({ element: frame, purposes: [''], why: 'recognised', service: 'YouTube' })
  frame.remove()
  expect(panel().textContent).toContain(
    '<iframe> www.youtube.com/embed/1 (YouTube): no purpose of this site (recognised by its address)',
  )
})

test('what is marked is listed while it waits, and not once it loads', () => {
  const made = [
    element('script', { type: 'text/plain', 'data-purpose': 'ads' }),
    element('img', { 'data-purpose': 'ads', 'data-src': 'https://a.example/x?me=1' }),
    element('img', { 'data-purpose': 'ads', 'data-src': '/b.gif', src: '/b.gif' }),
    element('p', { 'data-purpose': 'ads' }),
  ]
  document.body.append(...made)
  expect(heldElements(document, () => false)).toEqual(made.slice(0, 2))
  expect(heldElements(document, () => true)).toEqual([])
  open('?consent-debug')
  expect(panel().textContent).toContain('Held back: 2')
  expect(panel().textContent).toContain('<img> a.example/x: ads (marked in the page)')
  expect(panel().textContent).toContain('<script> written in the page: ads')
  document.body.replaceChildren()
})

test('without the line in the head the panel says so, in the reader’s language', () => {
  open('?consent-debug', { lang_: 'fr' })
  expect(panel().textContent).toContain('Pas en vigueur')
  expect(panel().host.lang).toBe('fr')
})

test('a reader of another language gets English, and it is marked as such', () => {
  open('?consent-debug', { lang_: 'de' })
  expect(panel().textContent).toContain('Not in force')
  expect(panel().host.lang).toBe('en')
})

test('closing it takes it away', () => {
  open('?consent-debug')
  panel().querySelector('[data-action=close]').click()
  expect(panel()).toBe(undefined)
})

test('the time of the choice is read from the cookie', () => {
  const seconds = Math.floor(NOW / 1000)
  const cookies = `a=1; consent=1~v~d~${seconds.toString(36)}~~r3-ads; b=2`
  expect(decidedAt(cookies, 'consent')).toBe(seconds * 1000)
  expect(decidedAt(cookies, 'other')).toBe(undefined)
  expect(decidedAt('consent=1~v~d~!~', 'consent')).toBe(undefined)
})

test('calls of other hosts before a moment are named once and without their query', () => {
  const entries = [
    { name: 'https://a.example/p?x=1', startTime: 1 },
    { name: 'https://a.example/p?x=2', startTime: 2 },
    { name: 'https://us.example/own', startTime: 3 },
    { name: 'https://late.example/', startTime: 900 },
    { name: 'data:text/plain,x', startTime: 1 },
  ]
  const found = calledBefore(entries, 1000, 1500, ['https://us.example'])
  expect(found).toEqual(['https://a.example/p'])
})

test('the states told to Google are read in the order they were told', () => {
  const layer = [
    { event: 'x' },
    ['consent', 'default', { ad_storage: 'denied', analytics_storage: 'denied' }],
    ['consent', 'update', { analytics_storage: 'granted' }],
    null,
  ]
  expect(googleStates(layer)).toEqual({ ad_storage: 'denied', analytics_storage: 'granted' })
  expect(googleStates('clobbered')).toEqual({})
})
