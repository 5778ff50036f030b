/**
 * The panel for whoever builds the site: what was held back and why, what others were
 * called before the choice, what is stored, what is signalled. A site's settings bring this
 * module; the address must ask for it too (`?consent-debug`), so that visitors never see it.
 *
 * @import { Knowing } from './lib/addresses.js'
 */
import { button, element } from './lib/elements.js'
import { WORDS } from './lib/debug_words.js'
import { calledBefore, decidedAt, googleStates, heldElements } from './lib/page_state.js'
import { wear } from './lib/style.js'

const CSS = `:host{all:initial!important}
.panel{position:fixed;inset-block-start:1em;inset-inline-end:1em;z-index:2147483645;
width:min(26em,calc(100vw - 2em));max-height:60vh;overflow:auto;padding:1em;
border:2px solid var(--a);border-radius:var(--r);font-size:.875em;box-shadow:0 0 2em #0005}
h2{font-size:1.125em}h3{padding-top:.5em;border-top:1px solid #8886}
li{padding:.15em 0;overflow-wrap:anywhere}`
const OFTEN = 1000

/** @param {Knowing} core */
export default function debug(core) {
  if (!new URLSearchParams(location.search).has('consent-debug')) return
  const { configuration } = core
  const { purposes_: purposes, cookie_: cookie = 'consent', url_: server } = configuration
  const lang_ = configuration.lang_ === 'fr' ? 'fr' : 'en'
  const words = WORDS[lang_]
  /** @type {WeakMap<Element, string>} */
  const recognised = new WeakMap()
  /** @type {string[]} */
  const calls = []
  let drawn = ''

  const { host, root } = core.host('consent-debug', { ...configuration, lang_ })
  host.dir = 'ltr'
  wear(root, CSS)
  const content = element('div', {})
  const close = button('close', words.close, 'plain')
  close.onclick = () => host.remove()
  root.append(
    element(
      'section',
      { class: 'base panel', 'aria-label': words.title, tabindex: '0' },
      element('h2', {}, words.title),
      element('p', {}, words.why_shown),
      content,
      close,
    ),
  )

  /** @param {any} detail of `blocked` */
  function note({ element: what, url, purposes: slugs, service }) {
    if (what) recognised.set(what, service)
    else calls.push(line('', url, slugs, service, words.network))
    draw()
  }

  /**
   * @param {string} tag
   * @param {string} address
   * @param {string[]} slugs
   * @param {string | undefined} service
   * @param {string} why
   */
  function line(tag, address, slugs, service, why) {
    const asked = slugs.filter(Boolean).map(titleOf).join(', ') || words.nobody
    return `${tag}${plain(address)}${service ? ` (${service})` : ''}${words.colon}${asked} (${why})`
  }

  /** @param {string} slug */
  function titleOf(slug) {
    return purposes.find(({ slug_ }) => slug_ === slug)?.title_ ?? slug
  }

  function held() {
    return heldElements(document, core.granted).map((found) => {
      const { src, href, purpose = '' } = found.dataset
      const address = src ?? href ?? words.inline
      const service = recognised.get(found) ?? core.find?.(address)?.service
      const why = recognised.has(found) ? words.recognised : words.marked
      return line(`<${found.localName}> `, address, purpose.split(' '), service, why)
    })
  }

  function choice() {
    const since = decidedAt(document.cookie, cookie)
    if (since === undefined) return [words.no_choice]
    const answers = purposes.map(({ slug_, title_, exempt_ }) => {
      const answer = exempt_ ? 'exempt' : (core.answer(slug_) ?? 'unanswered')
      return `${title_}${words.colon}${words[answer]}`
    })
    const date = new Date(since).toLocaleString(lang_)
    return [words.stored.replace('{name}', cookie).replace('{since}', date), ...answers]
  }

  function early() {
    const until = decidedAt(document.cookie, cookie) ?? Infinity
    if (until < performance.timeOrigin) return [words.earlier_page]
    const own = [location.origin, new URL(server).origin]
    const entries = performance.getEntriesByType('resource')
    const called = calledBefore(entries, performance.timeOrigin, until, own)
    const told = called.map((address) => {
      const service = core.find?.(address)?.service ?? words.unknown
      return `${plain(address)} (${service})`
    })
    return told.length ? told : [words.nothing_early]
  }

  function signals() {
    const page = /** @type {any} */ (window)
    const gpc = page.navigator.globalPrivacyControl ? words.gpc_on : words.gpc_off
    const states = Object.entries(googleStates(page.dataLayer))
    const told = states.filter(([, state]) => typeof state === 'string')
    if (!told.length) return [gpc, words.no_google]
    return [
      gpc,
      `${words.google}${words.colon}${told.map((pair) => pair.join(' ')).join(', ')}`,
    ]
  }

  function draw() {
    const waiting = [...held(), ...calls]
    const parts = [
      [words.head, headLine() ? words.in_force : words.not_in_force],
      [words.choice, ...choice()],
      [
        words.held + words.colon + waiting.length,
        ...(waiting.length ? waiting : [words.nothing_held]),
      ],
      [words.early, ...early()],
      [words.signals, ...signals()],
    ]
    // Drawn again only when it says something else: nobody's reading is disturbed.
    if (drawn === (drawn = JSON.stringify(parts))) return
    content.replaceChildren(
      ...parts.flatMap(([heading, ...lines]) => [
        element('h3', {}, heading),
        element('ul', {}, ...lines.map((text) => element('li', {}, text))),
      ]),
    )
  }

  core.on('blocked', note)
  for (const type of ['change', 'decision']) core.on(type, draw)
  const mount = () => {
    draw()
    document.documentElement.append(host)
    setInterval(draw, OFTEN)
  }
  addEventListener('load', mount, { once: true })
}

/**
 * An address without its query, which may be personal.
 *
 * @param {string} address
 */
function plain(address) {
  return (address.split(/[?#]/, 1)[0] ?? '').replace(/^https?:\/\//, '')
}

/** Whether the line in the head has been read before everything else. */
function headLine() {
  return Reflect.has(window, 'consentHead')
}
