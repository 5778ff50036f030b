/**
 * Events of the banner are events of the document, `consent:<type>`: a listener that
 * throws is reported by the browser and disturbs nobody else.
 */

/**
 * @param {string} type
 * @param {unknown} detail
 */
export function emit(type, detail) {
  document.dispatchEvent(new CustomEvent(`consent:${type}`, { detail }))
}

/**
 * Call `listener` with each `type` (README.md lists them); the result stops it.
 *
 * @param {string} type
 * @param {(detail: any) => void} listener
 * @returns {() => void}
 */
export function on(type, listener) {
  /** @param {Event} event */
  const heard = (event) => listener(/** @type {CustomEvent} */ (event).detail)
  document.addEventListener(`consent:${type}`, heard)
  return () => document.removeEventListener(`consent:${type}`, heard)
}

/**
 * Tell what went wrong without throwing at the page. Minifiers mangle the names of
 * classes, so each error is named by what a listener can rely on.
 *
 * @param {'StorageRefused' | 'DecisionRefused' | 'UnsafeElement'} kind
 * @param {unknown} why
 */
export function problem(kind, why) {
  emit('problem', Object.assign(Error(String(why)), { name: `${kind}Error` }))
}
