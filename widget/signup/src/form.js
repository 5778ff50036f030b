/**
 * Betters the plain sign-up form: the answer stands in its place, faults beside their fields.
 * Without this script, or where it cannot reach us, the same form goes the plain way.
 *
 * @import { Words } from './show.js'
 */
import { answered, faulty, listen, told } from './show.js'

/** @type {Words} */
const words = __SIGNUP_WORDS__
const own = /** @type {HTMLScriptElement} */ (document.currentScript).src
const ACTION = /^\/v1\/sites\/site_[^/]+\/subscriptions$/
const ONE = /** @type {const} */ (['email', 'notice_version', 'language', 'visitor'])

/** Forms that wait for an answer, and forms that had none: these go the plain way next. */
const busy = new WeakSet()
const plain = new WeakSet()

document.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target)
  const address = actionOf(form)
  if (!address || event.defaultPrevented || plain.has(form)) return
  event.preventDefault()
  // Somebody who presses twice means it once.
  if (!busy.has(form)) send(form, address)
})

/**
 * Where a form goes, if it is ours. Asked of the attribute: a field may be called `action`.
 *
 * @param {HTMLFormElement} form
 */
function actionOf(form) {
  const { origin, pathname, href } = new URL(
    form.getAttribute('action') ?? '',
    document.baseURI,
  )
  return origin === new URL(own).origin && ACTION.test(pathname) ? href : null
}

/**
 * @param {HTMLFormElement} form
 * @param {string} address
 */
async function send(form, address) {
  busy.add(form)
  const place = listen(form, words)
  told(place, words.sending)
  try {
    const data = new FormData(form)
    const answer = await fetch(address, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(asked(data)),
    })
    if (answer.ok) arrived(form, place, data)
    else faulty(form, place, words, await faultOf(answer))
  } catch {
    // No way to us: offline, or a policy of the page that names us for forms alone.
    plain.add(form)
    faulty(form, place, words, 'away')
  } finally {
    busy.delete(form)
  }
}

/** @param {FormData} data */
function asked(data) {
  const said = ONE.flatMap((name) => (data.get(name) ? [[name, data.get(name)]] : []))
  return { ...Object.fromEntries(said), purposes: data.getAll('purposes') }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place
 * @param {FormData} data
 */
function arrived(form, place, data) {
  const back = data.get('return_to')
  // A page of this site's own says thank you in its own words.
  if (back && new URL(String(back), document.baseURI).origin === location.origin)
    location.assign(String(back))
  else answered(form, place, words, String(data.get('email')))
}

/**
 * What is to be mended, by our word for it.
 *
 * @param {Response} answer
 * @returns {Promise<'email' | 'purposes' | 'later' | 'other'>}
 */
async function faultOf(answer) {
  if (answer.status === 429 || answer.status >= 500) return 'later'
  const { errors = [] } = await answer.json().catch(() => ({}))
  const pointers = errors.map((/** @type {{pointer: string}} */ one) => one.pointer)
  const about = (/** @type {string} */ name) =>
    pointers.length > 0 && pointers.every((/** @type {string} */ one) => one === name)
  if (about('/email')) return 'email'
  return about('/purposes') ? 'purposes' : 'other'
}
