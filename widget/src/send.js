/**
 * Sends decisions: in the order they were taken, until the server has each one.
 *
 * What could not be sent waits in local storage (in memory where that is forbidden) and
 * goes with the next page. Each decision carries its own id, so sending twice is once.
 *
 * @import { Decision, ServerAnswer } from './types.js'
 */
import { DecisionRefusedError, StorageRefusedError } from './errors.js'

const KEY = 'consent.unsent'
const FIRST_WAIT = 2_000
const LONGEST_WAIT = 60_000
const GIVE_UP = 20_000
/** Answers after which the same decision may be sent again. */
const PASSING = new Set([408, 425, 429])

/**
 * Open the queue of decisions the server does not have yet.
 *
 * @param {(error: Error) => void} problem
 */
export function openOutbox(problem) {
  /** @type {Decision[]} */
  let unkept = []

  /** @returns {Decision[]} */
  function read() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? '[]')
      if (Array.isArray(kept))
        return [...kept.filter((one) => typeof one?.id === 'string'), ...unkept]
    } catch (error) {
      // Forbidden, or not ours: what this page knows is what there is to send.
      problem(new StorageRefusedError(error))
    }
    return unkept
  }

  /** @param {Decision[]} decisions */
  function write(decisions) {
    unkept = []
    try {
      if (decisions.length) localStorage.setItem(KEY, JSON.stringify(decisions))
      else localStorage.removeItem(KEY)
    } catch (error) {
      unkept = decisions
      problem(new StorageRefusedError(error))
    }
  }

  return {
    first: () => read()[0],
    /** @param {Decision} decision */
    add: (decision) => write([...read(), decision]),
    /** @param {string} id */
    remove: (id) => write(read().filter((one) => one.id !== id)),
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
 * @param {(error: Error) => void} parts.problem
 */
export function createSender({ url, outbox, answered, problem }) {
  let busy = false
  let wait = FIRST_WAIT
  /** @type {Set<string>} */
  const waitedForPrevious = new Set()

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
    else problem(new DecisionRefusedError(response.status, answer.code))
    return true
  }

  function later() {
    setTimeout(flush, wait * (1 + Math.random()))
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
    if (!waitedForPrevious.has(alone.id)) {
      waitedForPrevious.add(alone.id)
      return later()
    }
    if (previous === undefined) outbox.remove(alone.id)
    else outbox.replace(alone)
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
