/**
 * What the signals have said goes ahead of what a page said before them, where the tag that
 * reads from the front is still to come.
 */

/** @param {any} page the window */
export function defaultsFirst(page) {
  const { dataLayer, uetq, clarity } = page
  toTheFront(dataLayer, (one) => one?.[0] === 'consent' && one[1] === 'default')
  toTheFront(uetq, (one, next) => one === 'consent' && next === 'default')
  toTheFront(clarity?.q, (one) => one?.[0] === 'consentv2')
}

/**
 * Move everything from the first that fits to the front; a list that a tag reads already
 * is left as it is.
 *
 * @param {unknown} list
 * @param {(one: any, next: unknown) => boolean} fits
 */
function toTheFront(list, fits) {
  if (!Array.isArray(list) || list.push !== [].push) return
  const at = list.findIndex((one, i) => fits(one, list[i + 1]))
  if (at > 0) list.unshift(...list.splice(at))
}
