import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import recognise from '../src/modules/recognise.js'
import { recogniser } from '../src/modules/lib/addresses.js'

const read = (path) => readFileSync(`${import.meta.dirname}/../../${path}`, 'utf8')
const ADDRESSES = JSON.parse(read('tests/experience/addresses.json'))
const SERVICES = 'consent_server/experience/catalogue/services'
const USES = [
  'ab_test',
  'advertising',
  'audience',
  'maps',
  'security',
  'social',
  'tag_manager',
  'video',
]

const catalogue = USES.flatMap((use) => JSON.parse(read(`${SERVICES}/${use}.json`)))
  .map(({ slug, hosts }) => `${slug}\t${hosts.join(' ')}\t`)
  .join('\n')

test.each(ADDRESSES)('the address %s is recognised as the server does: %s', (address, slug) => {
  expect(recogniser(catalogue)(new URL(address))?.service ?? null).toBe(slug)
})

test('a service without a purpose is granted to nobody', () => {
  const found = recogniser('Some\tsome.example\t')(new URL('https://some.example/'))
  expect(found.purposes).toEqual([''])
})

test('what the organisation says of a host stands before the catalogue', () => {
  const find = recogniser('Ours\tsome.example\tads video\nTheirs\tsome.example\t')
  expect(find(new URL('https://www.some.example/x'))).toEqual({
    service: 'Ours',
    purposes: ['ads', 'video'],
  })
})

test('what the site serves itself is never held, nor what is no address', () => {
  const core = {}
  recognise(core, { services: 'Us\tlocalhost\tads' })
  expect(core.find(`http://${location.hostname}:9000/x`)).toBe(undefined)
  expect(core.find('/own.js')).toBe(undefined)
  expect(core.find('http://[')).toBe(undefined)
  expect(core.find('https://cdn.localhost/x').service).toBe('Us')
})
