import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createGate } from '../src/gate.js'

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
  return createGate({
    granted: (slug) => open.has(slug),
    cover: vi.fn(),
    uncover: vi.fn(),
    nonce,
  })
}

const scripts = () => [...document.querySelectorAll('script')]
const settled = () => new Promise((resolve) => setTimeout(resolve))

test('a marked script stays as it is until its purpose is granted', async () => {
  mark('script', { type: 'text/plain', 'data-purpose': 'ads' }, 'window.ran = true')
  makeGate().apply()
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
  makeGate().apply()
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
    makeGate().apply()
    await settled()
    expect(scripts()[0]?.type).toBe('text/plain')
    expect(problems).toHaveLength(1)
  },
)

test('where the page uses a nonce, a script without it is never activated', async () => {
  open.add('ads')
  mark('script', { type: 'text/plain', 'data-purpose': 'ads' }, '1')
  makeGate('n0nce').apply()
  await settled()
  expect(scripts()[0]?.type).toBe('text/plain')
})

test('an image has its address only while its purpose is granted', () => {
  const image = mark('img', { 'data-purpose': 'video', 'data-src': 'https://x.example/p.gif' })
  const gate = makeGate()
  gate.apply()
  expect(image.hasAttribute('src')).toBe(false)
  open.add('video')
  gate.apply()
  expect(image.src).toBe('https://x.example/p.gif')
  open.clear()
  gate.apply()
  expect(image.hasAttribute('src')).toBe(false)
})

test('markup that a module claims is held, and let go, like ours', async () => {
  const gate = makeGate()
  gate.claim('script[data-theirs]', (element) => ({
    purposes: [element.getAttribute('data-theirs')],
  }))
  gate.claim('iframe[data-theirs]', () => ({ purposes: ['ads', 'video'] }))
  mark('script', { type: 'text/plain', 'data-theirs': 'ads' }, '1')
  const frame = mark('iframe', { src: 'https://video.example/1', 'data-theirs': '' })
  gate.apply()
  await settled()
  expect([scripts()[0]?.type, frame.hasAttribute('src')]).toEqual(['text/plain', false])
  open.add('ads')
  gate.apply()
  await settled()
  expect([scripts()[0]?.type, frame.hasAttribute('src')]).toEqual(['', false])
  open.add('video')
  gate.apply()
  expect(frame.getAttribute('src')).toBe('https://video.example/1')
})
