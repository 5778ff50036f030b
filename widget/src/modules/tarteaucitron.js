/**
 * The markup of tarteaucitron: `tarteaucitron.user.…` and `tarteaucitron.job.push('…')`.
 * Each service starts at most once on a page, after the yes to its purpose.
 *
 * @import { Core } from '../types.js'
 */
import { waitsFor } from './lib/categories.js'
import { FRAMES, SERVICES } from './lib/tarteaucitron.js'

/**
 * @param {Core} core
 * @param {Record<string, string>} settings purposes by service
 */
export default function tarteaucitron(core, settings) {
  const { granted, on, emit, nonce } = core
  const page = /** @type {any} */ (window)
  /** @type {Set<string>} asked for by the page, not started yet */
  const waiting = new Set()
  /** @type {Set<string>} */
  const started = new Set()
  const asked = page.tarteaucitron?.job

  const own = (page.tarteaucitron = {
    user: {},
    services: {},
    init() {},
    addScript: () => undefined,
    userInterface: { openPanel: () => core.api.open() },
    ...page.tarteaucitron,
    job: { push: (/** @type {string[]} */ ...names) => names.forEach(take) },
  })

  /** @param {string} name */
  function purposeOf(name) {
    return waitsFor(settings, [String(name)])?.purposes[0] ?? ''
  }

  /** @param {string} name */
  function take(name) {
    if (!started.has(name)) waiting.add(name)
    follow()
  }

  function follow() {
    for (const name of waiting) {
      if (Object.hasOwn(FRAMES, name)) frame(name)
      else if (granted(purposeOf(name))) tryToStart(name)
    }
  }

  /** @param {string} name */
  function tryToStart(name) {
    waiting.delete(name)
    started.add(name)
    try {
      start(name)
    } catch (error) {
      // What the page wrote for one service must not keep the others from starting.
      emit('problem', error)
    }
  }

  /** @param {string} name */
  function start(name) {
    // A service the page itself describes, added to tarteaucitron by its documented means.
    const theirs = Object.hasOwn(own.services, name) && own.services[name].js
    own.addScript = (
      /** @type {string} */ src,
      /** @type {string} */ id,
      /** @type {any} */ then,
    ) => insert(name, src, id, then)
    if (theirs) own.services[name].js()
    else if (Object.hasOwn(SERVICES, name)) {
      const src = SERVICES[name]?.(own.user, page)
      if (src) insert(name, src)
      own.user[`${name}More`]?.()
    }
  }

  /**
   * Mark a script as the page would have: it goes through the same gate as every other.
   *
   * @param {string} name
   * @param {string} src
   * @param {string} [id]
   * @param {() => void} [then]
   */
  function insert(name, src, id, then) {
    const script = document.createElement('script')
    script.type = 'text/plain'
    script.nonce = nonce
    script.async = true
    if (id) script.id = id
    Object.assign(script.dataset, { purpose: purposeOf(name), src })
    if (then) afterLoading(src, then)
    document.head.append(script)
  }

  /**
   * Put a held frame where the page wants a player; it comes and goes with the answers.
   *
   * @param {string} name
   */
  function frame(name) {
    const [title, address] = FRAMES[name] ?? ['', '']
    for (const place of document.querySelectorAll(`.${name}_player`)) {
      const id = read(place, 'videoID')
      if (!id || place.querySelector('iframe')) continue
      const made = document.createElement('iframe')
      made.dataset['purpose'] = purposeOf(name)
      made.dataset['src'] = address + encodeURIComponent(id)
      made.title = read(place, 'title') || title
      made.allowFullscreen = read(place, 'allowfullscreen') !== '0'
      for (const side of ['width', 'height']) made.setAttribute(side, read(place, side))
      place.replaceChildren(made)
    }
  }

  if (Array.isArray(asked)) asked.forEach(take)
  on('change', follow)
  on('ready', follow)
  document.addEventListener('DOMContentLoaded', follow)
}

/**
 * Call `then` once, when a script of this address has loaded. The one that loads is not the
 * one that was marked, so its own events would never be heard.
 *
 * @param {string} src
 * @param {() => void} then
 */
function afterLoading(src, then) {
  const { href } = new URL(src, document.baseURI)
  /** @param {Event} event */
  const heard = ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || target.src !== href) return
    document.removeEventListener('load', heard, true)
    then()
  }
  document.addEventListener('load', heard, true)
}

/**
 * @param {Element} element
 * @param {string} name
 */
function read(element, name) {
  return element.getAttribute(`data-${name}`) ?? element.getAttribute(name) ?? ''
}
