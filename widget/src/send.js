/**
 * Sends decisions: in the order they were taken, until the server has each one.
 *
 * What could not be sent waits in local storage (in memory where that is forbidden) and
 * goes with the next page. Each decision carries its own id, so sending twice is once.
 *
 * @import { Decision, ServerAnswer } from './types.js'
 */
import { problem } from './events.js'
import { failure } from './errors.js'

const KEY = 'consent.unsent'
const FIRST_WAIT = 2_000
const LONGEST_WAIT = 60_000
const GIVE_UP = 20_000
/** Answers after which the same decision may be sent again. */
const PASSING = new Set([408, 425, 429])

/** Open the queue of decisions the server does not have yet. */
export function openOutbox() {
  /** @type {Decision[] | null} held by this page alone, where storage is refused */
  let unkept = null
  /** @type {Set<string>} settled here: never again, whatever storage says */
  const gone = new Set()

  /** @returns {Decision[]} */
  function read() {
    if (unkept) return unkept
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]')
      return Array.isArray(kept) ? kept.filter(waits) : []
    } catch (error) {
      // Forbidden, or not ours: nothing there that could be sent.
      problem(failure('StorageRefused', 'local storage', error))
      return []
    }
  }

  /** @param {Decision[]} decisions */
  function write(decisions) {
    try {
      if (decisions.length) localStorage.setItem(KEY, JSON.stringify(decisions))
      else localStorage.removeItem(KEY)
      unkept = null
    } catch (error) {
      // From here on this page goes by its own list: the stored one, which cannot be
      // changed, would bring back what has been sent.
      unkept = decisions
      problem(failure('StorageRefused', 'local storage', error))
    }
  }

  /** @param {Decision} one */
  function waits(one) {
    return typeof one?.id === 'string' && !gone.has(one.id)
  }

  return {
    first: () => read()[0],
    /** @param {Decision} decision */
    add: (decision) => write([...read(), decision]),
    /** @param {string} id */
    remove(id) {
      gone.add(id)
      write(read().filter(waits))
    },
    /** @param {Decision} decision */
    replace: (decision) =>
      write(read().map((one) => (one.id === decision.id ? decision : one))),
  }
}

/**
 * @param {object} parts
 * @param {string} parts.url
 * @param {ReturnType<typeof openOutbox>} parts.outbox
 * @param {(decision: Decision, answer: ServerAnswer) => void} parts.answered
 */
export function createSender({ url, outbox, answered }) {
  let busy = false
  let wait = FIRST_WAIT
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** @type {Map<string, number>} */
  const unknown = new Map()

  /** Send what waits, oldest first; stop at the first that must wait longer. */
  async function flush() {
    if (busy) return
    busy = true
    let next = outbox.first()
    while (next && (await deliver(next))) next = outbox.first()
    busy = false
  }

  /**
   * @param {Decision} decision
   * @returns {Promise<boolean>} whether the next one may go
   */
  async function deliver(decision) {
    const response = await post(url, decision)
    const answer = response ? await bodyOf(response) : {}
    if (!response || !settles(response, answer)) return later()
    wait = FIRST_WAIT
    if (answer.code === 'unknown_previous') return withoutPrevious(decision)
    outbox.remove(decision.id)
    if (response.ok || answer.code === 'later_no') answered(decision, answer)
    else problem(failure('DecisionRefused', `${response.status} ${answer.code}`))
    return true
  }

  function later() {
    // One timer however often we are called, or a dead server would be asked ever faster.
    clearTimeout(timer)
    timer = setTimeout(flush, wait * (1 + Math.random()))
    wait = Math.min(wait * 2, LONGEST_WAIT)
    return false
  }

  /**
   * The earlier decision may still be on its way from another tab: wait for it once,
   * then state this one alone. The server refused the first body, so the id is free.
   *
   * @param {Decision} decision
   */
  function withoutPrevious({ previous, ...alone }) {
    const times = unknown.get(alone.id) ?? 0
    unknown.set(alone.id, times + 1)
    if (times === 0) return later()
    if (times === 1) outbox.replace(alone)
    else outbox.remove(alone.id)
    return true
  }

  return { flush }
}

/**
 * @param {string} url
 * @param {Decision} decision
 * @returns {Promise<Response | null>} null when the server was not reached
 */
async function post(url, decision) {
  try {
    return await fetch(url, {
      method: 'POST',
      // The visitor may leave the page with the very click that chose.
      keepalive: true,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(decision),
      signal: AbortSignal.timeout?.(GIVE_UP) ?? null,
    })
  } catch {
    // fetch rejects only for an unreachable, forbidden or silent server: all mean later.
    return null
  }
}

/**
 * @param {Response} response
 * @returns {Promise<ServerAnswer>}
 */
async function bodyOf(response) {
  try {
    return Object(await response.json())
  } catch {
    // Not JSON, or cut short: not the word of our server.
    return {}
  }
}

/**
 * Tell an answer that ends the matter from one after which to try again.
 *
 * @param {Response} response
 * @param {ServerAnswer} answer
 */
function settles(response, answer) {
  if (response.ok) return typeof answer.id === 'string'
  return response.status >= 400 && response.status < 500 && !PASSING.has(response.status)
}
