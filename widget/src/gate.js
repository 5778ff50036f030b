/**
 * Holds marked elements back and lets them go: scripts, frames, images, style sheets.
 *
 *     <script type="text/plain" data-purpose="analytics" data-src="https://…"></script>
 *     <iframe data-purpose="video" data-src="https://…"></iframe>
 *     <img data-purpose="ads" data-src="https://…" alt="">
 *     <link rel="stylesheet" data-purpose="fonts" data-href="https://…">
 *
 * @import { Core } from './types.js'
 */
import { webAddress } from './elements.js'
import { emit, problem } from './events.js'

const NOT_COPIED = /^(on.*|type|src|data-src|nonce)$/i

/** @param {Core} core */
export function createGate(core) {
  const trusted = trustedPolicy()
  /** @type {WeakSet<Element>} */
  const once = new WeakSet()
  /** @type {Set<Element>} */
  const taken = new Set()
  /** @type {(Promise<unknown> | undefined)[]} */
  const loading = []
  let line = Promise.resolve()

  /** @param {Element} element */
  function mayRun(element) {
    return once.has(element) || purposesOf(element).every(core.granted)
  }

  /** Bring every marked element of the page in step with what may run now. */
  function apply() {
    core.prepare()
    /** @type {HTMLScriptElement[]} */
    const ready = []
    // A form’s own properties can be named over by the fields in it.
    for (const element of document.querySelectorAll('[data-purpose]:not(form)'))
      if (!(element instanceof HTMLScriptElement)) show(/** @type {HTMLElement} */ (element))
      else if (element.type === 'text/plain' && !taken.has(element) && mayRun(element)) {
        taken.add(element)
        ready.push(element)
      }
    if (ready.length) line = line.then(() => runInOrder(ready))
  }

  /** @param {HTMLElement} element */
  function show(element) {
    const name = element.localName === 'link' ? 'href' : 'src'
    const given = element.dataset[name]
    if (given === undefined) return
    const address = webAddress(given)
    if (address && mayRun(element)) {
      if (!element.hasAttribute(name)) element.setAttribute(name, address)
      core.uncover(element)
    } else {
      element.removeAttribute(name)
      if (element.localName === 'iframe') core.cover(element, purposesOf(element))
    }
  }

  /**
   * Those with an address load side by side, and the browser runs them in the order they
   * were inserted; one written in the page waits for those before it.
   *
   * @param {HTMLScriptElement[]} scripts
   */
  async function runInOrder(scripts) {
    for (const script of scripts) {
      const given = script.dataset['src'] ?? script.getAttribute('src')
      const address = given === null ? '' : webAddress(given)
      if (!address) await Promise.all(loading)
      // The visitor may have changed their mind while an earlier script was loading.
      if (!mayRun(script)) taken.delete(script)
      // Where the page vouches for scripts by nonce, a marked one needs it too: else any
      // markup injected there would be run in our name.
      else if (address === null || (core.nonce && script.nonce !== core.nonce))
        problem('UnsafeElement', address === null ? `not http(s): ${given}` : 'no nonce')
      else loading.push(release(script, address))
    }
  }

  /**
   * @param {HTMLScriptElement} script
   * @param {string} address '' when it is written in the page
   * @returns {Promise<unknown> | undefined} when a script after it may run
   */
  function release(script, address) {
    const fresh = document.createElement('script')
    for (const { name, value } of script.attributes)
      if (!NOT_COPIED.test(name)) fresh.setAttribute(name, value)
    fresh.type = script.dataset['type'] ?? ''
    fresh.async = script.hasAttribute('async')
    fresh.nonce = script.nonce
    // One that names our own type as its own would be let go again, for ever.
    taken.add(fresh)
    const loaded = new Promise((resolve) => {
      fresh.onload = fresh.onerror = resolve
    })
    try {
      if (address) fresh.src = trusted.createScriptURL(address)
      else fresh.text = trusted.createScript(script.text)
    } catch (error) {
      // The page demands trusted types and does not allow ours: this script stays blocked.
      emit('problem', error)
      return undefined
    }
    script.replaceWith(fresh)
    return address && !fresh.async ? loaded : undefined
  }

  return {
    apply_: apply,
    /** Let one element go on this page alone. @param {HTMLElement} element */
    once_(element) {
      once.add(element)
      show(element)
    },
    /**
     * Whether a script has run here of a purpose that is now refused.
     *
     * @param {(slug: string) => boolean} refused
     */
    late_: (refused) => [...taken].some((script) => purposesOf(script).some(refused)),
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
 * Under `require-trusted-types-for 'script'` an address or a text must be vouched for.
 *
 * @returns {{createScriptURL(text: string): string, createScript(text: string): string}}
 */
function trustedPolicy() {
  /** @param {string} text */
  const same = (text) => text
  const rules = { createScriptURL: same, createScript: same }
  try {
    return /** @type {any} */ (window).trustedTypes?.createPolicy('consent', rules) ?? rules
  } catch (error) {
    // The page names the policies it allows, and ours is not among them.
    emit('problem', error)
    return rules
  }
}
