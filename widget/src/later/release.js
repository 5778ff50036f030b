/**
 * Lets marked scripts go, in the order of the page.
 *
 * @import { Core } from '../types.js'
 */
import { emit, problem } from '../events.js'
import { trusted } from '../markup.js'
import { purposesOf, webAddress } from './marked.js'

const NOT_COPIED = /^(on.*|type|src|data-src|nonce)$/i

/** @param {Pick<Core, 'granted' | 'nonce'>} core */
export function createRelease(core) {
  /** @type {Set<Element>} */
  const taken = new Set()
  /** @type {(Promise<unknown> | undefined)[]} */
  const loading = []
  /** @type {HTMLScriptElement[]} */
  const line = []
  let busy = false

  /** @param {Element} script */
  function mayRun(script) {
    return purposesOf(script).every(core.granted)
  }

  /**
   * Those with an address load side by side, from this very moment, and the browser runs them
   * in the order they were inserted; one written in the page waits for those before it, and
   * until whoever is told of the new answers has heard.
   */
  async function runInOrder() {
    if (busy) return
    busy = true
    // What is added meanwhile comes last.
    for (const script of line) {
      const given = script.getAttribute('data-src') ?? script.getAttribute('src')
      const address = given === null ? '' : webAddress(given)
      if (!address) await Promise.all(loading)
      // The visitor may have changed their mind while an earlier script was loading.
      if (!mayRun(script)) taken.delete(script)
      // Where the page vouches for scripts by nonce, a marked one needs it too: else any
      // markup injected there would be run in our name.
      else if (address === null || (core.nonce && script.nonce !== core.nonce))
        problem('UnsafeElement', given)
      else loading.push(release(script, address))
    }
    line.length = 0
    busy = false
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
    fresh.type = script.getAttribute('data-type') ?? ''
    fresh.async = script.hasAttribute('async')
    fresh.nonce = script.nonce
    // One that names our own type as its own would be let go again, for ever.
    taken.add(fresh)
    const loaded = new Promise((resolve) => {
      fresh.onload = fresh.onerror = resolve
    })
    try {
      if (address) fresh.src = trusted().createScriptURL(address)
      else fresh.text = trusted().createScript(script.text)
    } catch (error) {
      // The page demands trusted types and does not allow ours: this script stays blocked.
      emit('problem', error)
      return undefined
    }
    script.replaceWith(fresh)
    return address && !fresh.async ? loaded : undefined
  }

  return {
    /** @param {Element[]} scripts of which some may run now */
    release_(scripts) {
      for (const script of /** @type {HTMLScriptElement[]} */ (scripts))
        if (script.type === 'text/plain' && !taken.has(script) && mayRun(script)) {
          taken.add(script)
          line.push(script)
        }
      runInOrder()
    },
    /**
     * Whether a script has run here of a purpose that is now refused.
     *
     * @param {(slug: string) => boolean} refused
     */
    late_: (refused) => [...taken].some((script) => purposesOf(script).some(refused)),
  }
}
