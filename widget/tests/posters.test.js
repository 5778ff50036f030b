import { expect, test } from 'vitest'
import posters from '../src/modules/posters.js'
import { createHosts } from '../src/hosts.js'
import { element } from '../src/modules/lib/elements.js'
import { makeConfiguration } from './make.js'

const SERVICES = 'YouTube\tyoutube.com youtube-nocookie.com\tvideo\nMaps\tmaps.example\tmaps'
const configuration = makeConfiguration({ words_: { placeholder_from_: 'By' } })

/** As the placeholder does it: a host of ours before the frame. */
function plainly(frame) {
  if (frame.previousElementSibling) return
  const { host, root } = createHosts([])('consent-placeholder', configuration)
  root.append(element('div', { class: 'base held' }, element('p', {}, 'Stays off.')))
  frame.before(host)
}

function cover(attributes) {
  const place = document.createElement('div')
  const frame = document.createElement('iframe')
  for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value)
  place.append(frame)
  const core = {
    configuration,
    granted: () => false,
    allow: () => undefined,
    cover: plainly,
    uncover: () => undefined,
    host: createHosts([]),
  }
  posters(core, { services: SERVICES })
  core.cover(frame, ['ads'])
  core.cover(frame, ['ads'])
  return place.querySelector('consent-placeholder').shadowRoot
}

test('a held film looks like one and names its provider, once', () => {
  const root = cover({ 'data-src': 'https://www.youtube-nocookie.com/embed/1' })
  expect(root.querySelector('.held').className).toBe('base held video')
  expect(root.querySelectorAll('svg')).toHaveLength(1)
  expect(root.querySelector('.from').textContent).toBe('By YouTube')
  expect(root.querySelector('svg').getAttribute('aria-hidden')).toBe('true')
})

test('what is not known keeps the plain placeholder', () => {
  const root = cover({ 'data-src': 'https://other.example/embed/1' })
  expect(root.querySelector('.held').className).toBe('base held')
  expect(root.querySelector('svg, img, .from')).toBe(null)
})

test('a picture of the site’s own stands behind it', () => {
  const root = cover({ 'data-src': 'https://maps.example/1', 'data-poster': '/ours.jpg' })
  expect(root.querySelector('img').src).toBe(`${location.origin}/ours.jpg`)
  expect(root.querySelector('img').alt).toBe('')
})

test('a low frame has no drawing, only words', () => {
  const root = cover({ 'data-src': 'https://www.youtube.com/embed/1', height: '152' })
  expect(root.querySelector('svg')).toBe(null)
  expect(root.querySelector('.from').textContent).toBe('By YouTube')
})

test.each(['https://i.ytimg.com/vi/1/hq.jpg', 'data:image/svg+xml,x', 'http://['])(
  'the picture %s of others is never fetched',
  (poster) => {
    const root = cover({ 'data-src': 'https://maps.example/1', 'data-poster': poster })
    expect(root.querySelector('img')).toBe(null)
  },
)
