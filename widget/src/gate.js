/**
 * Holds marked elements back and lets them go: scripts, frames, images.
 *
 *     <script type="text/plain" data-purpose="analytics" data-src="https://…"></script>
 *     <iframe data-purpose="video" data-src="https://…"></iframe>
 *     <img data-purpose="ads" data-src="https://…" alt="">
 *
 * Markup that a module claims is rewritten into this one, and then held like it.
 *
 * @import { Claimed, Core } from './types.js'
 */
import { problem } from './events.js'
import { failure } from './errors.js'
import { webAddress } from './elements.js'

const HELD = 'iframe[data-purpose][data-src], img[data-purpose][data-src]'
const SCRIPTS = 'script[type="text/plain"][data-purpose]'
const NOT_COPIED = /^(on.*|type|src|data-src|nonce)$/i

/** @param {Core} core */
export function createGate(core) {
  const { nonce } = core
  const trusted = trustedPolicy()
  /** @type {WeakSet<Element>} */
  const taken = new WeakSet()
  /** @type {(Promise<unknown> | undefined)[]} */
  const loading = []
  let line = Promise.resolve()
  /** @type {[string, (element: Element) => Claimed | null][]} */
  const claims = []

  /** @param {Element} element */
  function mayRun(element) {
    return purposesOf(element).every(core.granted)
  }

  function claimAll() {
    for (const [selector, read] of claims)
      for (const element of document.querySelectorAll(selector)) {
        const claimed = element.hasAttribute('data-purpose') ? null : read(element)
        if (claimed) rewrite(element, claimed)
      }
  }

  /** Bring every marked element of the page in step with what may run now. */
  function apply() {
    claimAll()
    for (const element of document.querySelectorAll(HELD)) show(element)
    const ready = [...document.querySelectorAll(SCRIPTS)].filter(mayTake)
    for (const script of ready) taken.add(script)
    line = line.then(() => runInOrder(/** @type {HTMLScriptElement[]} */ (ready)))
  }

  /** @param {Element} element */
  function show(element) {
    const held = /** @type {HTMLIFrameElement | HTMLImageElement} */ (element)
    const address = webAddress(held.getAttribute('data-src'))
    if (address && mayRun(held)) {
      if (!held.hasAttribute('src')) held.src = address
      core.uncover(held)
    } else {
      held.removeAttribute('src')
      if (held.localName === 'iframe') core.cover(held, purposesOf(held))
    }
  }

  /** @param {Element} element */
  function mayTake(element) {
    return !taken.has(element) && mayRun(element)
  }

  /**
   * Those with an address load side by side, and the browser runs them in the order they
   * were inserted; one written in the page waits for those before it.
   *
   * @param {HTMLScriptElement[]} scripts
   */
  async function runInOrder(scripts) {
    for (const script of scripts) {
      const address = addressOf(script)
      if (address === undefined) await Promise.all(loading)
      // The visitor may have changed their mind while an earlier script was loading.
      if (!mayRun(script)) taken.delete(script)
      else if (address === null) problem(failure('UnsafeElement', 'its address is not http(s)'))
      // Where the page vouches for scripts by nonce, a marked one needs it too: else any
      // markup injected there would be run in our name.
      else if (nonce && script.nonce !== nonce)
        problem(failure('UnsafeElement', 'it lacks the nonce'))
      else loading.push(release(script, address))
    }
  }

  /**
   * @param {HTMLScriptElement} script
   * @param {string | undefined} address
   * @returns {Promise<unknown> | undefined} when a script after it may run
   */
  function release(script, address) {
    const fresh = document.createElement('script')
    for (const { name, value } of script.attributes)
      if (!NOT_COPIED.test(name)) fresh.setAttribute(name, value)
    const type = script.getAttribute('data-type')
    if (type) fresh.type = type
    fresh.async = script.hasAttribute('async')
    fresh.nonce = script.nonce
    const loaded = new Promise((resolve) => {
      fresh.onload = fresh.onerror = resolve
    })
    try {
      if (address) fresh.src = trusted.createScriptURL(address)
      else fresh.text = trusted.createScript(script.text)
    } catch (error) {
      // The page demands trusted types and does not allow ours: this script stays blocked.
      problem(error)
      return undefined
    }
    script.replaceWith(fresh)
    return address && !fresh.async ? loaded : undefined
  }

  return {
    apply,
    /**
     * @param {string} selector
     * @param {(element: Element) => Claimed | null} read
     */
    claim: (selector, read) => void claims.push([selector, read]),
  }
}

/**
 * @param {Element} element
 * @returns {string[]} all of which must be granted
 */
function purposesOf(element) {
  return (element.getAttribute('data-purpose') ?? '').split(' ')
}

/**
 * Put a foreign mark into ours.
 *
 * @param {Element} element
 * @param {Claimed} claimed
 */
function rewrite(element, { purposes, src = element.getAttribute('src'), type }) {
  element.setAttribute('data-purpose', purposes.join(' '))
  if (src !== null) element.setAttribute('data-src', src)
  if (type) element.setAttribute('data-type', type)
  if (element.localName === 'script') element.setAttribute('type', 'text/plain')
  else element.removeAttribute('src')
}

/**
 * @param {HTMLScriptElement} script
 * @returns {string | null | undefined} undefined when written in the page, null when unsafe
 */
function addressOf(script) {
  const given = script.getAttribute('data-src') ?? script.getAttribute('src')
  return given === null ? undefined : webAddress(given)
}

/**
 * Under `require-trusted-types-for 'script'` an address or a text must be vouched for.
 *
 * @returns {{createScriptURL(text: string): string, createScript(text: string): string}}
 */
function trustedPolicy() {
  /** @param {string} text */
  const same = (text) => text
  const rules = { createScriptURL: same, createScript: same }
  try {
    return Reflect.get(window, 'trustedTypes')?.createPolicy('consent', rules) ?? rules
  } catch (error) {
    // The page names the policies it allows, and ours is not among them.
    problem(error)
    return rules
  }
}
