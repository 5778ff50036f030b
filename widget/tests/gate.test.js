import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { apply } from '../src/gate.js'
import { createMarks } from '../src/later/marks.js'
import { createRelease } from '../src/later/release.js'
import claims from '../src/modules/claims.js'

const open = new Set()
let problems

function hear({ detail }) {
  problems.push(detail.message)
}

beforeEach(() => {
  document.body.replaceChildren()
  open.clear()
  problems = []
  document.addEventListener('consent:problem', hear)
})

afterEach(() => document.removeEventListener('consent:problem', hear))

function mark(tag, attributes, text = '') {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.textContent = text
  document.body.append(made)
  return made
}

function makeGate(nonce = '') {
  const core = makeCore(nonce)
  return gateOf(core)
}

function gateOf(core) {
  return { ...core.later_(), apply_: () => apply(core) }
}

function makeCore(nonce = '') {
  const core = {
    configuration: { purposes_: ['ads', 'video', 'fonts'].map((slug_) => ({ slug_ })) },
    granted: (slug) => open.has(slug),
    prepare: vi.fn(),
    cover: vi.fn(),
    nonce,
  }
  const later = { ...createRelease(core), ...createMarks(core), uncover_: vi.fn() }
  return Object.assign(core, { later_: () => later })
}

const scripts = () => [...document.querySelectorAll('script')]
const settled = () => new Promise((resolve) => setTimeout(resolve))

test('a marked script stays as it is until its purpose is granted', async () => {
  mark('script', { type: 'text/plain', 'data-purpose': 'ads' }, 'window.ran = true')
  makeGate().apply_()
  await settled()
  expect(scripts()[0]?.type).toBe('text/plain')
})

test('a granted script becomes one, without handlers written in the markup', async () => {
  open.add('ads')
  mark(
    'script',
    { type: 'text/plain', 'data-purpose': 'ads', 'data-id': '7', onload: 'x()' },
    '1',
  )
  makeGate().apply_()
  await settled()
  const [fresh] = scripts()
  expect([fresh?.type, fresh?.dataset['id'], fresh?.hasAttribute('onload')]).toEqual([
    '',
    '7',
    false,
  ])
})

test.each(['javascript:alert(1)', 'data:text/javascript,alert(1)'])(
  'a script from %s is never activated',
  async (address) => {
    open.add('ads')
    mark('script', { type: 'text/plain', 'data-purpose': 'ads', 'data-src': address })
    makeGate().apply_()
    await settled()
    expect(scripts()[0]?.type).toBe('text/plain')
    expect(problems).toHaveLength(1)
  },
)

test('where the page uses a nonce, a script without it is never activated', async () => {
  open.add('ads')
  mark('script', { type: 'text/plain', 'data-purpose': 'ads' }, '1')
  makeGate('n0nce').apply_()
  await settled()
  expect(scripts()[0]?.type).toBe('text/plain')
})

test('an image has its address only while its purpose is granted', () => {
  const image = mark('img', { 'data-purpose': 'video', 'data-src': 'https://x.example/p.gif' })
  const gate = makeGate()
  gate.apply_()
  expect(image.hasAttribute('src')).toBe(false)
  open.add('video')
  gate.apply_()
  expect(image.src).toBe('https://x.example/p.gif')
  open.clear()
  gate.apply_()
  expect(image.hasAttribute('src')).toBe(false)
})

test('markup that a module claims is held, and let go, like ours', async () => {
  const core = makeCore()
  claims(core)
  const gate = gateOf(core)
  core.claim('script[data-theirs]', (element) => ({
    purposes: [element.getAttribute('data-theirs')],
  }))
  core.claim('iframe[data-theirs]', () => ({ purposes: ['ads', 'video'] }))
  mark('script', { type: 'text/plain', 'data-theirs': 'ads' }, '1')
  const frame = mark('iframe', { src: 'https://video.example/1', 'data-theirs': '' })
  gate.apply_()
  await settled()
  expect([scripts()[0]?.type, frame.hasAttribute('src')]).toEqual(['text/plain', false])
  open.add('ads')
  gate.apply_()
  await settled()
  expect([scripts()[0]?.type, frame.hasAttribute('src')]).toEqual(['', false])
  open.add('video')
  gate.apply_()
  expect(frame.getAttribute('src')).toBe('https://video.example/1')
})

test('a style sheet has its address only while its purpose is granted', () => {
  const gate = makeGate()
  const sheet = mark('link', { 'data-purpose': 'fonts', 'data-href': 'https://f.example/a' })
  gate.apply_()
  expect(sheet.hasAttribute('href')).toBe(false)
  open.add('fonts')
  gate.apply_()
  expect(sheet.getAttribute('href')).toBe('https://f.example/a')
  open.clear()
  gate.apply_()
  expect(sheet.hasAttribute('href')).toBe(false)
})

test('one frame can be shown once, and the others wait on', () => {
  const gate = makeGate()
  const [one, other] = ['1', '2'].map((name) =>
    mark('iframe', { 'data-purpose': 'video', 'data-src': `https://video.example/${name}` }),
  )
  gate.once_(one)
  gate.apply_()
  expect([one.hasAttribute('src'), other.hasAttribute('src')]).toEqual([true, false])
})

test('a marked script without an address that is not held is the page’s own', async () => {
  open.add('ads')
  const own = mark('script', { 'data-purpose': 'ads', type: 'application/json' }, '{}')
  makeGate().apply_()
  await settled()
  expect(own.isConnected).toBe(true)
})

test('a form whose fields are named like what we call is left alone', () => {
  const form = mark('form', { 'data-purpose': 'ads', 'data-src': 'https://x.example/' })
  form.innerHTML = '<input name="removeAttribute"><input name="localName">'
  expect(() => makeGate().apply_()).not.toThrow()
})

test('what has run and is refused now is told, and what has not is not', async () => {
  const gate = makeGate()
  const refused = (slug) => slug === 'ads'
  mark('script', { type: 'text/plain', 'data-purpose': 'ads' }, '1')
  gate.apply_()
  expect(gate.late_(refused)).toBe(false)
  open.add('ads')
  gate.apply_()
  await settled()
  expect([gate.late_(refused), gate.late_(() => false)]).toEqual([true, false])
})
