/** The markup of other banners: which purposes each mark means, and what is left alone. */
import { describe, expect, test } from 'vitest'
import { translate } from '../src/modules/lib/categories.js'
import cookiebot from '../src/modules/cookiebot.js'
import klaro from '../src/modules/klaro.js'
import onetrust from '../src/modules/onetrust.js'
import vanillaCookieconsent from '../src/modules/vanilla_cookieconsent.js'
import { run } from './core.js'

function make(tag, attributes) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}

function claimed(module, settings, tag, attributes) {
  return run(module, settings).claimed(make(tag, attributes))
}

const HELD = { type: 'text/plain' }

describe('a category of another banner', () => {
  const purposes = { marketing: 'ads', statistics: 'analytics' }

  test.each([
    [['marketing'], ['ads']],
    [
      ['statistics', 'marketing'],
      ['analytics', 'ads'],
    ],
    [['video'], ['video']],
    [['constructor'], ['constructor']],
    [['__proto__'], ['__proto__']],
    [[], []],
  ])('%j means %j', (categories, expected) => {
    expect(translate(purposes, categories)).toEqual(expected)
  })
})

describe('vanilla-cookieconsent', () => {
  const settings = { marketing: 'ads' }

  test.each([
    ['marketing', 'ads'],
    ['analytics', 'analytics'],
    ['!marketing', '!marketing'],
  ])('data-category="%s" waits for %s', (category, purpose) => {
    const found = claimed(vanillaCookieconsent, settings, 'script', {
      ...HELD,
      'data-category': category,
    })
    expect(found).toEqual({ purposes: [purpose] })
  })

  test('a script that runs anyway is not ours to hold', () => {
    const running = { 'data-category': 'marketing' }
    expect(claimed(vanillaCookieconsent, settings, 'script', running)).toBeUndefined()
  })
})

describe('klaro', () => {
  const settings = { matomo: 'analytics', youtube: 'video' }

  test.each([
    ['script', { ...HELD, 'data-name': 'matomo', 'data-src': '/m.js' }, ['analytics']],
    ['script', { ...HELD, 'data-name': 'matomo', 'data-type': 'module' }, ['analytics']],
    ['iframe', { 'data-name': 'youtube', 'data-src': '/v' }, ['video']],
    ['img', { 'data-name': 'pixel', 'data-src': '/p' }, ['pixel']],
  ])('%s %j waits for %j', (tag, attributes, purposes) => {
    expect(claimed(klaro, settings, tag, attributes)).toEqual({ purposes })
  })

  test.each([
    ['iframe', { 'data-name': 'youtube', src: '/v' }],
    ['div', { 'data-name': 'youtube', 'data-src': '/v' }],
    ['script', { 'data-name': 'matomo' }],
  ])('%s %j is left alone', (tag, attributes) => {
    expect(claimed(klaro, settings, tag, attributes)).toBeUndefined()
  })
})

describe('Cookiebot', () => {
  const settings = { marketing: 'ads', statistics: 'analytics' }

  test.each([
    ['statistics', ['analytics']],
    ['marketing,statistics', ['ads', 'analytics']],
    ['marketing, statistics', ['ads', 'analytics']],
    ['ignore', ['ignore']],
  ])('data-cookieconsent="%s" waits for %j', (categories, purposes) => {
    const attributes = { ...HELD, 'data-cookieconsent': categories }
    expect(claimed(cookiebot, settings, 'script', attributes)).toEqual({ purposes })
  })

  test.each(['iframe', 'img'])('an %s has its address elsewhere', (tag) => {
    const attributes = { 'data-cookieconsent': 'marketing', 'data-cookieblock-src': '/v' }
    expect(claimed(cookiebot, settings, tag, attributes)).toEqual({
      purposes: ['ads'],
      src: '/v',
    })
  })

  test('a mark that names nothing is no mark: nobody answered for it', () => {
    const attributes = { ...HELD, 'data-cookieconsent': ' , ' }
    expect(claimed(cookiebot, settings, 'script', attributes)).toBeNull()
  })

  test('what Cookiebot was told to ignore runs by itself, and is not ours', () => {
    const attributes = { 'data-cookieconsent': 'ignore', src: '/own.js' }
    expect(claimed(cookiebot, settings, 'script', attributes)).toBeUndefined()
  })
})

describe('OneTrust', () => {
  const settings = { C0002: 'analytics', C0004: 'ads' }

  test.each([
    ['optanon-category-C0002', ['analytics']],
    ['optanon-category-C0002-C0004', ['analytics', 'ads']],
    ['own optanon-category-C0004 other', ['ads']],
    ['optanon-category-C0003', ['C0003']],
  ])('class="%s" waits for %j', (name, purposes) => {
    expect(claimed(onetrust, settings, 'script', { ...HELD, class: name })).toEqual({
      purposes,
    })
  })

  test('a class that only looks like it means no purpose at all', () => {
    const attributes = { ...HELD, class: 'my-optanon-category-C0002' }
    expect(claimed(onetrust, settings, 'script', attributes)).toBeNull()
  })
})
