/**
 * Meta: `fbq('consent', 'revoke')` before `fbq('init')` on every page, `grant` after a yes
 * (META-1).
 *
 * Meta's tag does nothing at all where `fbq` exists already, so the name cannot be made
 * beforehand: it is met the moment the tag makes it.
 *
 * @import { Core } from '../types.js'
 */
import { allGranted } from './lib/states.js'

/**
 * @typedef {object} Settings
 * @property {string[]} purposes
 */

/**
 * @param {Core} core
 * @param {Settings} settings
 */
export default function meta({ granted, on }, settings) {
  const page = /** @type {any} */ (window)
  const may = () => allGranted(settings.purposes, granted)
  let told = false

  function tell() {
    // `revoke` is where every page begins: said again only after a yes.
    if (!page.fbq || told === may()) return
    told = may()
    page.fbq('consent', told ? 'grant' : 'revoke')
  }

  /** @param {any} fbq */
  function meet(fbq) {
    if (fbq.queue) begin(fbq.queue)
    else watch(fbq, 'queue', begin)
  }

  /** @param {unknown[]} queue what the tag was told so far: our word goes before it */
  function begin(queue) {
    queue.unshift(['consent', 'revoke'])
    // After the tag has finished making itself.
    queueMicrotask(tell)
  }

  if (page.fbq?.callMethod) page.fbq('consent', 'revoke')
  else if (page.fbq) meet(page.fbq)
  else watch(page, 'fbq', meet)
  on('change', tell)
  tell()
}

/**
 * Call `met` once, with the first value that `name` is given.
 *
 * @param {object} owner
 * @param {string} name
 * @param {(value: any) => void} met
 */
function watch(owner, name, met) {
  Object.defineProperty(owner, name, {
    configurable: true,
    get: () => undefined,
    set(value) {
      Object.defineProperty(owner, name, {
        value,
        configurable: true,
        enumerable: true,
        writable: true,
      })
      met(value)
    },
  })
}
