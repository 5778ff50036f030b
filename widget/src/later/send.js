/**
 * Sends decisions: in the order they were taken, until the server has each one.
 *
 * What could not be sent waits in local storage (in memory where that is forbidden) and
 * goes with the next page. Each decision carries its own id, so sending twice is once.
 *
 * @import { Decision, ServerAnswer } from '../types.js'
 */
import { problem } from '../events.js'

export const KEY = 'consent.unsent'
const FIRST_WAIT = 2_000
const LONGEST_WAIT = 60_000
const GIVE_UP = 20_000

/**
 * @param {string} url
 * @param {(decision: Decision, answer: ServerAnswer, skew: number) => void} answered by how
 *   much the server's clock is ahead of this device's
 */
export function createSender(url, answered) {
  /** @type {Decision[] | null} held by this page alone, where storage is refused */
  let unkept = null
  /** @type {Set<string>} settled here: never again, whatever storage says */
  const gone = new Set()
  let busy = false
  let wait = FIRST_WAIT
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {Set<string>} those refused before for what may be mended */
  const tried = new Set()

  /** @returns {Decision[]} */
  function read() {
    try {
      const kept = unkept ?? JSON.parse(localStorage.getItem(KEY) ?? '[]')
      return [].concat(kept).filter(waits)
    } catch (error) {
      // Forbidden, or not ours: nothing there that could be sent.
      problem('StorageRefused', error)
      return []
    }
  }

  /** @param {Decision[]} decisions */
  function write(decisions) {
    try {
      if (decisions[0]) localStorage.setItem(KEY, JSON.stringify(decisions))
      else localStorage.removeItem(KEY)
      unkept = null
    } catch (error) {
      // From here on this page goes by its own list: the stored one, which cannot be
      // changed, would bring back what has been sent.
      unkept = decisions
      problem('StorageRefused', error)
    }
  }

  /** @param {Decision} one */
  function waits(one) {
    return typeof one?.id === 'string' && !gone.has(one.id)
  }

  /**
   * Send what waits, oldest first, and what could not go later.
   *
   * @param {Decision[]} [fresh] to be stored first
   */
  async function flush(fresh = []) {
    if (fresh[0]) write([...read(), ...fresh])
    if (busy) return
    busy = true
    let next
    while ((next = read()[0]) && (await deliver(next)));
    busy = false
  }

  /**
   * @param {Decision} decision
   * @returns {Promise<boolean>} whether the next one may go
   */
  async function deliver(decision) {
    const [status, answer, date] = await post(url, decision)
    // A 2xx without an id is not the word of our server; these others pass by themselves.
    if (/^([235]..|4(08|2[59]))$/.test(/** @type {any} */ (status)) && !answer.id)
      return later()
    wait = FIRST_WAIT
    const again = tried.has(decision.id)
    tried.add(decision.id)
    const unknown = answer.code === 'unknown_previous'
    // The earlier decision may still be on its way from another tab: wait for it once.
    if (unknown && !again) return later()
    const other = again === unknown && mend(decision, answer, date)
    // The server refused the first body, so its id is free for another one.
    if (other) write(read().map((one) => (one.id === other.id ? other : one)))
    else {
      gone.add(decision.id)
      write(read())
      if (answer.id || answer.code === 'later_no')
        answered(decision, answer, date - Date.now() || 0)
      else problem('DecisionRefused', `${status} ${answer.code}`)
    }
    return true
  }

  function later() {
    // One timer however often we are called, or a dead server would be asked ever faster.
    clearTimeout(timer)
    timer = setTimeout(flush, wait * (1 + Math.random()))
    wait = Math.min(wait * 2, LONGEST_WAIT)
    return false
  }

  return flush
}

/**
 * The same decision as the server can take it, if there is a way.
 *
 * @param {Decision} decision
 * @param {ServerAnswer} answer
 * @param {number} date by the server's clock
 * @returns {Decision | '' | 0 | false | undefined}
 */
function mend(decision, { code, errors }, date) {
  const { previous, ...alone } = decision
  if (code === 'unknown_previous') return previous && alone
  // This device's clock is ahead: the same moment by the server's, never a later one.
  const moment = Math.min(date, Date.parse(decision.decided_at) + date - Date.now())
  return (
    errors?.[0]?.pointer === '/decided_at' &&
    date && { ...decision, decided_at: new Date(moment).toISOString() }
  )
}

/**
 * @param {string} url
 * @param {Decision} decision
 * @returns {Promise<[number, ServerAnswer, number]>} status, body, and the server's clock
 */
async function post(url, decision) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // The visitor may leave the page with the very click that chose.
      keepalive: true,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(decision),
      signal: AbortSignal.timeout(GIVE_UP),
    })
    const date = Date.parse(/** @type {string} */ (response.headers.get('Date')))
    // Not JSON, or cut short: not the word of our server.
    return [response.status, Object(await response.json().catch(() => 0)), date]
  } catch {
    // fetch rejects only for an unreachable, forbidden or silent server: all mean later.
    return [503, {}, 0]
  }
}
