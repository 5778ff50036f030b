/** Pages written for tarteaucitron: each service starts after its yes, once, from its own address. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import tarteaucitron from '../src/modules/tarteaucitron.js'
import { run } from './core.js'

const GLOBALS = ['tarteaucitron', 'dataLayer', 'gtag', 'fbq', '_fbq', '_paq', 'clarity', 'hj']

beforeEach(() => {
  document.head.replaceChildren()
  document.body.replaceChildren()
  for (const name of [...GLOBALS, '_hjSettings']) delete window[name]
})
afterEach(() => vi.useRealTimers())

const scripts = () =>
  [...document.querySelectorAll('script')].map(({ dataset }) => dataset['src'])
const frames = () => [...document.querySelectorAll('iframe')]
const plain = (list) => [...list].map((one) => (one.length === undefined ? one : [...one]))

const SERVICES = [
  [
    'gtag',
    { gtagUa: 'G-1' },
    'https://www.googletagmanager.com/gtag/js?id=G-1',
    () => plain(window.dataLayer).map(([what, which]) => [what, which]),
    [
      ['js', expect.any(Date)],
      ['config', 'G-1'],
    ],
  ],
  [
    'googleads',
    { googleadsId: 'AW-1', googleadsCustomDomain: 'tags.example' },
    'https://tags.example/gtag/js?id=AW-1',
    () => plain(window.dataLayer).map(([what, which]) => [what, which]),
    [
      ['js', expect.any(Date)],
      ['config', 'AW-1'],
    ],
  ],
  [
    'googletagmanager',
    { googletagmanagerId: 'GTM-1' },
    'https://www.googletagmanager.com/gtm.js?id=GTM-1',
    () => window.dataLayer,
    [{ 'gtm.start': expect.any(Number), event: 'gtm.js' }],
  ],
  [
    'facebookpixel',
    { facebookpixelId: '42' },
    'https://connect.facebook.net/en_US/fbevents.js',
    () => plain(window.fbq.queue),
    [
      ['init', '42'],
      ['track', 'PageView'],
    ],
  ],
  [
    'matomo',
    { matomoId: 7, matomoHost: 'https://m.example/' },
    'https://m.example/matomo.js',
    () => window._paq,
    [
      ['setSiteId', 7],
      ['setTrackerUrl', 'https://m.example/matomo.php'],
      ['trackPageView'],
      ['enableLinkTracking'],
    ],
  ],
  [
    'clarity',
    { clarity: 'abc' },
    'https://www.clarity.ms/tag/abc',
    () => typeof window.clarity,
    'function',
  ],
  [
    'hotjar',
    { hotjarId: 1, HotjarSv: 6 },
    'https://static.hotjar.com/c/hotjar-1.js?sv=6',
    () => window._hjSettings,
    { hjid: 1, hjsv: 6 },
  ],
]

describe.each(SERVICES)('%s', (name, user, address, state, expected) => {
  const MAP = { [name]: 'ads' }
  const page = () => {
    Object.assign(window.tarteaucitron.user, user)
    window.tarteaucitron.job.push(name)
  }

  test('does nothing before the choice', () => {
    run(tarteaucitron, MAP)
    page()
    expect(scripts()).toEqual([])
    for (const global of GLOBALS.slice(1)) expect(window[global]).toBeUndefined()
  })

  test('starts with the yes, as its vendor wants it, and marked for the gate', () => {
    const { choose } = run(tarteaucitron, MAP)
    page()
    choose({ ads: 'granted' })
    expect(scripts()).toEqual([address])
    expect(state()).toEqual(expected)
    expect(document.querySelector('script')).toMatchObject({
      type: 'text/plain',
      dataset: { purpose: 'ads' },
    })
  })

  test('starts once, whatever is chosen afterwards', () => {
    const { choose } = run(tarteaucitron, MAP)
    page()
    choose({ ads: 'granted' })
    choose({ ads: 'refused' })
    choose({ ads: 'granted' })
    page()
    expect(scripts().length).toBe(1)
  })

  test('stays away after a no', () => {
    const { choose } = run(tarteaucitron, MAP)
    page()
    choose({ ads: 'refused' })
    expect(scripts()).toEqual([])
  })

  test('stays away without its id', () => {
    run(tarteaucitron, MAP, { ads: 'granted' })
    window.tarteaucitron.job.push(name)
    expect(scripts()).toEqual([])
  })
})

test('the line that pages have, `job = job || []`, keeps our list', () => {
  run(tarteaucitron, {}, { hotjar: 'granted' })
  const page = window.tarteaucitron
  Object.assign(page.user, { hotjarId: 1, HotjarSv: 6 })
  ;(page.job = page.job || []).push('hotjar')
  expect(scripts().length).toBe(1)
})

test('what the page asked for before us is not lost', () => {
  window.tarteaucitron = { user: { clarity: 'abc' }, job: ['clarity'] }
  run(tarteaucitron, { clarity: 'ads' }, { ads: 'granted' })
  expect(scripts()).toEqual(['https://www.clarity.ms/tag/abc'])
})

test('an id is a part of the address and never more', () => {
  run(tarteaucitron, { clarity: 'ads' }, { ads: 'granted' })
  window.tarteaucitron.user.clarity = '../x?y#z'
  window.tarteaucitron.job.push('clarity')
  expect(scripts()).toEqual(['https://www.clarity.ms/tag/..%2Fx%3Fy%23z'])
})

test('a service with something more to do does it after it has started', () => {
  run(tarteaucitron, { gtag: 'ads' }, { ads: 'granted' })
  const gtagMore = vi.fn()
  Object.assign(window.tarteaucitron.user, { gtagUa: 'G-1', gtagMore })
  window.tarteaucitron.job.push('gtag')
  expect(gtagMore).toHaveBeenCalledOnce()
})

test('a service of the page’s own starts with its yes, and may add scripts', () => {
  const { choose } = run(tarteaucitron, { own: 'ads' })
  const page = window.tarteaucitron
  page.services.own = { js: () => page.addScript('https://own.example/a.js', 'one') }
  page.job.push('own')
  expect(scripts()).toEqual([])
  choose({ ads: 'granted' })
  expect(scripts()).toEqual(['https://own.example/a.js'])
  expect(document.getElementById('one').dataset['purpose']).toBe('ads')
})

test('a service that fails keeps no other from starting', () => {
  const { choose } = run(tarteaucitron, { broken: 'ads', clarity: 'ads' })
  const page = window.tarteaucitron
  page.services.broken = {
    js() {
      throw new Error('broken')
    },
  }
  page.user.clarity = 'abc'
  page.job.push('broken', 'clarity')
  choose({ ads: 'granted' })
  expect(scripts()).toEqual(['https://www.clarity.ms/tag/abc'])
})

test.each(['constructor', '__proto__', 'toString', 'unknown'])('%s is no service', (name) => {
  run(tarteaucitron, { [name]: 'ads' }, { ads: 'granted' })
  window.tarteaucitron.job.push(name)
  expect(scripts()).toEqual([])
})

test.each([
  ['youtube', 'https://www.youtube-nocookie.com/embed/x1'],
  ['vimeo', 'https://player.vimeo.com/video/x1'],
  ['dailymotion', 'https://www.dailymotion.com/embed/video/x1'],
])('a place for a player of %s becomes a held frame', (name, address) => {
  const place = document.createElement('div')
  place.className = `${name}_player`
  const attributes = { videoID: 'x1', width: '560', height: '315', title: 'Our film' }
  for (const [key, value] of Object.entries(attributes)) place.setAttribute(key, value)
  document.body.append(place)
  run(tarteaucitron, { [name]: 'video' })
  window.tarteaucitron.job.push(name)
  const [frame, more] = frames()
  expect(more).toBeUndefined()
  expect(frame.dataset).toMatchObject({ purpose: 'video', src: address })
  expect([frame.title, frame.getAttribute('width'), frame.getAttribute('src')]).toEqual([
    'Our film',
    '560',
    null,
  ])
})

test('its init and its panel are understood', () => {
  const { api } = run(tarteaucitron, {})
  api.open = vi.fn()
  window.tarteaucitron.init({ privacyUrl: '' })
  window.tarteaucitron.userInterface.openPanel()
  expect(api.open).toHaveBeenCalledOnce()
})
