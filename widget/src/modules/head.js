/**
 * Takes over from the line in the head: what waited for the banner is judged now, by the
 * modules that hold, and let go where nothing of this site holds it. Comes after every
 * signal: a tag that waited finds them told.
 *
 * @import { Knowing } from './lib/addresses.js'
 *
 * @typedef {[what: any, name: string, given: any[], settle: (answer: unknown) => void]} Waiting
 *   a method that was called or a property that was set; `src/head.js` writes it
 */
import { defaultsFirst } from './lib/queues.js'

const NEVER = /$^/
// No purpose has this name: what the head held, and nothing holds now.
const LET_GO = '*'

/**
 * @param {Knowing} core
 * @param {{holds?: boolean}} [settings] whether auto-block is on, and holds markup too
 */
export default function head(core, { holds } = {}) {
  const queue = /** @type {any} */ (window).consentHead
  // Named over by an element of the page, or not there.
  if (!Array.isArray(queue)) return
  const { granted } = core
  core.granted = (slug) => slug === LET_GO || granted(slug)

  /** @param {HTMLElement} element */
  function judge(element) {
    const { held = '' } = element.dataset
    const found = holds ? core.find?.(held) : undefined
    delete element.dataset['held']
    if (found)
      core.on('ready', () => {
        if (!found.purposes.every(granted))
          core.emit('blocked', { element, url: held, ...found, why: 'recognised' })
      })
    // Even what may run goes through the gate, which keeps the order and asks for the nonce.
    element.dataset['purpose'] = found?.purposes.join(' ') ?? LET_GO
    element.dataset['src'] = held
    if (!(element instanceof HTMLScriptElement)) return
    element.dataset['type'] = element.type
    element.type = 'text/plain'
  }

  Object.assign(queue, { r: NEVER })
  defaultsFirst(window)
  // The head's own stand nearer than the one that auto-block has put on every element.
  for (const { prototype } of [HTMLScriptElement, HTMLIFrameElement, HTMLImageElement])
    Reflect.deleteProperty(prototype, 'setAttribute')
  for (const element of document.querySelectorAll('[data-held]'))
    judge(/** @type {HTMLElement} */ (element))
  /**
   * Do it again, by what stands in its place by now: a module that holds decides.
   *
   * @param {Waiting} waiting
   */
  function again([what, name, given, settle]) {
    if (name === 'send') {
      core.early?.(what, what.$w)
      what.$w = ''
    }
    try {
      if (typeof what[name] === 'function') settle(what[name](...given))
      else what[name] = given[0]
    } catch (error) {
      core.emit('problem', error)
    }
  }
  // Not before the answers of earlier pages are known.
  core.on('ready', () => {
    // A request opened earlier may still be on its way to be sent.
    queue.push = (/** @type {Waiting[]} */ ...late) => (late.forEach(again), 0)
    queue.splice(0).forEach(again)
  })
}
