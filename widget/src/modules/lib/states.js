/**
 * The one place where an answer becomes a signal: granted by a yes to every purpose that
 * the signal stands for, denied in every other case.
 */

/**
 * Pure. A signal that no purpose stands for is denied: nobody was asked about it.
 *
 * @param {Record<string, string[]>} purposesBySignal
 * @param {(slug: string) => boolean} granted
 * @returns {Record<string, 'granted' | 'denied'>}
 */
export function states(purposesBySignal, granted) {
  return Object.fromEntries(
    Object.entries(purposesBySignal).map(([signal, purposes]) => [
      signal,
      allGranted(purposes, granted) ? 'granted' : 'denied',
    ]),
  )
}

/**
 * Pure. No purpose at all is no yes: `every` alone would say yes of an empty list.
 *
 * @param {string[]} purposes
 * @param {(slug: string) => boolean} granted
 */
export function allGranted(purposes, granted) {
  return purposes.length > 0 && purposes.every((slug) => granted(slug))
}
