/**
 * The polarity of every signal: what is said before the choice, for each answer, after a
 * withdrawal (security test 85). The tables are written out: computed ones would repeat the
 * mistake they should find.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import dataLayer from '../src/modules/data_layer.js'
import google from '../src/modules/google.js'
import googleAdvanced from '../src/modules/google_advanced.js'
import matomo from '../src/modules/matomo.js'
import meta from '../src/modules/meta.js'
import microsoft from '../src/modules/microsoft.js'
import piano from '../src/modules/piano.js'
import { allGranted, states } from '../src/modules/lib/states.js'
import { run } from './core.js'

const NAMES = ['dataLayer', 'uetq', 'clarity', 'fbq', '_paq', 'pdl', 'events']
const forget = () => NAMES.forEach((name) => delete window[name])

beforeEach(forget)
afterEach(forget)

const NOTHING = {}
const YES = { ads: 'granted', analytics: 'granted' }
const NO = { ads: 'refused', analytics: 'refused' }
const ADS = { ads: 'granted', analytics: 'refused' }
const ANALYTICS = { ads: 'refused', analytics: 'granted' }
/** What a visitor may go through, and whether ads and analytics are granted after it. */
const WAYS = [
  ['before the choice', [], false, false],
  ['after yes', [YES], true, true],
  ['after no', [NO], false, false],
  ['after ads alone', [ADS], true, false],
  ['after analytics alone', [ANALYTICS], false, true],
  ['after yes, then no', [YES, NO], false, false],
  ['after no, then yes', [NO, YES], true, true],
  ['after yes, then expiry', [YES, NOTHING], false, false],
  ['after yes, ads taken back', [YES, ANALYTICS], false, true],
  ['after yes, no, yes', [YES, NO, YES], true, true],
]

const word = (granted) => (granted ? 'granted' : 'denied')

describe('a signal', () => {
  const may = (slug) => ['a', 'b', 'exempt'].includes(slug)

  test.each([
    [['a'], 'granted'],
    [['no'], 'denied'],
    [['a', 'b'], 'granted'],
    [['a', 'no'], 'denied'],
    [['no', 'a'], 'denied'],
    [['exempt'], 'granted'],
    [[], 'denied'],
    [['unknown'], 'denied'],
  ])('of the purposes %j is %s', (purposes, expected) => {
    expect(states({ one: purposes }, may)).toEqual({ one: expected })
    expect(allGranted(purposes, may)).toBe(expected === 'granted')
  })

  test('is not invented by a page that spoils Object.prototype', () => {
    Object.prototype['spoilt'] = ['a']
    const said = JSON.stringify(states({ one: ['a'] }, may))
    delete Object.prototype['spoilt']
    expect(said).toBe('{"one":"granted"}')
  })
})

const GOOGLE = {
  signals: {
    ad_storage: ['ads'],
    ad_user_data: ['ads'],
    ad_personalization: ['ads'],
    analytics_storage: ['analytics'],
    functionality_storage: [],
    personalization_storage: ['ads', 'analytics'],
    security_storage: ['basket'],
  },
  wait: 500,
  redaction: true,
  passthrough: false,
}
const ALL_DENIED = {
  ad_storage: 'denied',
  ad_user_data: 'denied',
  ad_personalization: 'denied',
  analytics_storage: 'denied',
  functionality_storage: 'denied',
  personalization_storage: 'denied',
  security_storage: 'denied',
}
const commands = () => [...window.dataLayer].map((one) => [...one])

describe('Google Consent Mode', () => {
  test('GCM-1 the default denies all seven, before anything else is said', () => {
    run(google, GOOGLE, YES)
    expect(commands()[0]).toEqual([
      'consent',
      'default',
      { ...ALL_DENIED, wait_for_update: 500 },
    ])
  })

  test('GCM-1 a command is an arguments object, never an array', () => {
    const { choose } = run(google, GOOGLE)
    choose(YES)
    for (const one of window.dataLayer)
      expect(Object.prototype.toString.call(one)).toBe('[object Arguments]')
  })

  test.each(WAYS)('GCM-1 %s', (_, steps, ads, analytics) => {
    const { choose } = run(google, GOOGLE)
    steps.forEach(choose)
    const updates = commands().filter(([, what]) => what === 'update')
    expect(updates.length).toBe(steps.length)
    if (steps.length)
      expect(updates.at(-1)[2]).toEqual({
        ad_storage: word(ads),
        ad_user_data: word(ads),
        ad_personalization: word(ads),
        analytics_storage: word(analytics),
        functionality_storage: 'denied',
        personalization_storage: word(ads && analytics),
        security_storage: 'denied',
      })
  })

  test('GCM-2 advertising data is redacted, and no click id goes into addresses', () => {
    run(google, GOOGLE)
    expect(commands().slice(1)).toEqual([['set', 'ads_data_redaction', true]])
  })

  test('GCM-2 where the site says so, click ids pass and nothing is redacted', () => {
    run(google, { ...GOOGLE, redaction: false, passthrough: true })
    expect(commands().slice(1)).toEqual([['set', 'url_passthrough', true]])
  })

  test('GCM-4 an exempt purpose is a signal that stays granted', () => {
    const { choose } = run(google, GOOGLE)
    choose({ ...NO, basket: 'granted' })
    expect(commands().at(-1)[2].security_storage).toBe('granted')
  })

  const head = (said) => {
    window.dataLayer = [{ event: 'own' }]
    ;(function () {
      window.dataLayer.push(arguments)
    })('consent', 'default', said)
    google(run(() => undefined, {}).core, GOOGLE)
    return window.dataLayer
      .slice(2)
      .map((one) => [...one])
      .filter(([what]) => what === 'consent')
  }

  test('GCM-1 a default that the head of the page has said is not said again', () => {
    expect(head({ ...ALL_DENIED, wait_for_update: 500 })).toEqual([])
  })

  test('GCM-1 a default of the page that grants something is taken back at once', () => {
    expect(head({ ad_storage: 'granted' })).toEqual([['consent', 'update', ALL_DENIED]])
  })

  test('what the page put into the data layer stays there, in its order', () => {
    window.dataLayer = [{ event: 'own' }]
    run(google, GOOGLE)
    expect(window.dataLayer[0]).toEqual({ event: 'own' })
  })
})

describe('Google’s advanced mode', () => {
  const known = { service: 'some', purposes: ['ads'] }
  const { core } = run(googleAdvanced, {}, {}, { find: () => known })

  test.each([
    ['https://www.googletagmanager.com/gtag/js?id=G-1', false],
    ['https://region1.google-analytics.com/g/collect', false],
    ['https://googleads.g.doubleclick.net/pagead/viewthroughconversion/1/', false],
    ['https://pagead2.googlesyndication.com/pagead/js/adsbygoogle.js', true],
    ['https://ad.doubleclick.net/ddm', true],
    ['https://connect.facebook.net/en_US/fbevents.js', true],
    ['https://googletagmanager.com.evil.example/', true],
    ['https://notgoogletagmanager.com/', true],
    ['https://[', true],
  ])('GCM-3 %s is held: %j', (address, held) => {
    expect(core.find(address)).toEqual(held ? known : undefined)
  })
})

const MICROSOFT = { ad: ['ads'], analytics: ['analytics'], uet: true, clarity: true }

describe('Microsoft', () => {
  const clarity = () => [...window.clarity.q].map((one) => [...one])

  test('UET-1 the default is denied, on the list that UET will read', () => {
    run(microsoft, MICROSOFT, YES)
    expect(window.uetq).toEqual(['consent', 'default', { ad_storage: 'denied' }])
  })

  test.each(WAYS)('UET-1 %s', (_, steps, ads) => {
    const { choose } = run(microsoft, MICROSOFT)
    steps.forEach(choose)
    expect(window.uetq.length).toBe(3 + 3 * steps.length)
    expect(window.uetq.at(-1)).toEqual({ ad_storage: word(ads) })
    expect(window.uetq.at(-2)).toBe(steps.length ? 'update' : 'default')
  })

  test('UET-1 the object that UET puts in place of the list hears the update', () => {
    const { choose } = run(microsoft, MICROSOFT)
    const heard = []
    window.uetq = { push: (...said) => heard.push(said) }
    choose(YES)
    expect(heard).toEqual([['consent', 'update', { ad_storage: 'granted' }]])
  })

  test('UET-2 Clarity hears both signals denied first, spelt with a capital S', () => {
    run(microsoft, MICROSOFT, YES)
    expect(clarity()).toEqual([
      ['consentv2', { ad_Storage: 'denied', analytics_Storage: 'denied' }],
    ])
  })

  test.each(WAYS)('UET-2 Clarity %s', (_, steps, ads, analytics) => {
    const { choose } = run(microsoft, MICROSOFT)
    steps.forEach(choose)
    expect(clarity().length).toBe(1 + steps.length)
    expect(clarity().at(-1)).toEqual([
      'consentv2',
      { ad_Storage: word(ads), analytics_Storage: word(analytics) },
    ])
  })

  test.each([
    ['UET', { uet: true, clarity: false }, [true, false]],
    ['Clarity', { uet: false, clarity: true }, [false, true]],
  ])('%s alone is told where the site has no other', (_, which, expected) => {
    run(microsoft, { ...MICROSOFT, ...which })
    expect(['uetq' in window, 'clarity' in window]).toEqual(expected)
  })
})

describe('Meta', () => {
  const META = { purposes: ['ads'] }
  const said = () => window.fbq.queue.map((one) => [...one])

  /** Make `fbq` as Meta's own tag does: the name first, its queue afterwards. */
  function tag() {
    if (window.fbq) return
    const fbq = (window.fbq = function () {
      if (fbq.callMethod) fbq.callMethod(...arguments)
      else fbq.queue.push(arguments)
    })
    fbq.queue = []
    window.fbq('init', '1')
    window.fbq('track', 'PageView')
  }

  const ORDERS = [
    ['before', (core, settings) => [tag(), meta(core, settings)]],
    ['after', (core, settings) => [meta(core, settings), tag()]],
  ]
  const OPENING = [
    ['consent', 'revoke'],
    ['init', '1'],
    ['track', 'PageView'],
  ]

  test('META-1 the tag still makes itself', () => {
    run(meta, META)
    expect(window.fbq).toBeUndefined()
    tag()
    expect(typeof window.fbq).toBe('function')
  })

  test.each(ORDERS)('META-1 revoke comes before init, with the tag %s ours', (_, both) => {
    run(both, META)
    expect(said()).toEqual(OPENING)
  })

  test.each(ORDERS)(
    'META-1 a yes of an earlier page is told, with the tag %s ours',
    async (_, both) => {
      run(both, META, YES)
      await Promise.resolve()
      expect(said()).toEqual([...OPENING, ['consent', 'grant']])
    },
  )

  test.each(WAYS)('META-1 %s', async (_, steps, ads) => {
    const { choose } = run(meta, META)
    tag()
    await Promise.resolve()
    steps.forEach(choose)
    expect(
      said()
        .filter(([what]) => what === 'consent')
        .at(-1),
    ).toEqual(['consent', ads ? 'grant' : 'revoke'])
  })

  test.each(WAYS)('META-1 %s, with a tag that comes last', async (_, steps, ads) => {
    const { choose } = run(meta, META)
    steps.forEach(choose)
    tag()
    await Promise.resolve()
    expect(said()).toEqual([...OPENING, ...(ads ? [['consent', 'grant']] : [])])
  })

  test('META-1 a tag that has loaded already is told at once', () => {
    const heard = []
    window.fbq = (...words) => heard.push(words)
    window.fbq.callMethod = window.fbq
    const { choose } = run(meta, META)
    choose(YES)
    choose(NO)
    expect(heard).toEqual([
      ['consent', 'revoke'],
      ['consent', 'grant'],
      ['consent', 'revoke'],
    ])
  })
})

describe('Matomo', () => {
  const said = () => window._paq.map((one) => one[0])

  test.each([
    [false, 'Consent'],
    [true, 'CookieConsent'],
  ])(
    'with cookies alone %j: required first, given by a yes, forgotten after it',
    (cookies, what) => {
      const { choose } = run(matomo, { purposes: ['analytics'], cookies })
      expect(said()).toEqual([`require${what}`])
      choose(YES)
      choose(ANALYTICS)
      choose(NO)
      choose(NOTHING)
      choose(ANALYTICS)
      expect(said()).toEqual([
        `require${what}`,
        `set${what}Given`,
        `forget${what}Given`,
        `set${what}Given`,
      ])
    },
  )

  test.each(WAYS)('%s', (_, steps, _ads, analytics) => {
    const { choose } = run(matomo, { purposes: ['analytics'], cookies: false })
    steps.forEach(choose)
    const given = said().lastIndexOf('setConsentGiven')
    expect(given > said().lastIndexOf('forgetConsentGiven')).toBe(analytics)
    expect(said()[0]).toBe('requireConsent')
  })

  test('a refusal alone leaves no cookie of Matomo’s', () => {
    const { choose } = run(matomo, { purposes: ['analytics'], cookies: false })
    choose(NO)
    expect(said()).toEqual(['requireConsent'])
  })
})

describe('Piano', () => {
  const PIANO = { purposes: ['analytics'], without: 'opt-out', queue: '_paq' }

  test('requires consent before the SDK starts, and keeps what the page configured', () => {
    window.pdl = { consent: { products: ['PA'] }, cookies: {} }
    run(piano, PIANO, YES)
    expect(window.pdl).toEqual({
      requireConsent: 'v2',
      consent: { products: ['PA'], defaultPreset: { PA: 'opt-out' } },
      cookies: {},
    })
  })

  test.each(
    ['opt-out', 'essential'].flatMap((without) => WAYS.map((way) => [without, ...way])),
  )('%s %s', (without, _, steps, _ads, analytics) => {
    const { choose } = run(piano, { ...PIANO, without })
    steps.forEach(choose)
    expect(window._paq.at(-1)).toEqual(['consent.setMode', analytics ? 'opt-in' : without])
    expect(window._paq[0]).toEqual(['consent.setMode', without])
  })

  test('uses the queue that the SDK was told to use', () => {
    run(piano, { ...PIANO, queue: 'events' })
    expect(window.events.length).toBe(1)
    expect(window._paq).toBeUndefined()
  })
})

describe('tag managers', () => {
  test('hear that answers are known, and each change of them', () => {
    const { choose, emit } = run(dataLayer, { name: 'dataLayer' })
    emit('ready', {})
    choose(ADS)
    choose(NO)
    expect(window.dataLayer).toEqual([
      { event: 'consent_ready', consent: {} },
      { event: 'consent_change', consent: ADS },
      { event: 'consent_change', consent: NO },
    ])
  })
})
