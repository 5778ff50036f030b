import { describe, expect, test } from 'vitest'
import { defaultsFirst } from '../src/modules/lib/queues.js'

const DENIED = { ad_storage: 'denied' }

describe('what waits in the lists of other companies', () => {
  test('GCM-1 UET-1 UET-2 the default goes ahead of what the page has said', () => {
    const consent = ['consent', 'default', DENIED]
    const page = {
      dataLayer: [{ event: 'own' }, ['config'], consent, ['set', 'ads_data_redaction', true]],
      uetq: ['event', 'buy', {}, ...consent],
      clarity: Object.assign(() => 0, { q: [['start'], ['consentv2', {}]] }),
    }
    defaultsFirst(page)
    expect(page.dataLayer.map((one) => one[0])).toEqual(['consent', 'set', undefined, 'config'])
    expect(page.uetq).toEqual([...consent, 'event', 'buy', {}])
    expect(page.clarity.q[0][0]).toBe('consentv2')
  })

  test('a list that a tag reads already, or that is none, is left as it is', () => {
    const read = Object.assign([{ event: 'own' }, ['consent', 'default', DENIED]], {
      push: () => 0,
    })
    for (const page of [{ dataLayer: read }, { dataLayer: 7, uetq: {}, clarity: null }, {}])
      defaultsFirst(page)
    expect(read[0]).toEqual({ event: 'own' })
  })
})
