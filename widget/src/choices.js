/**
 * Rules about answers that every visit needs; `later/weigh.js` has the others.
 * Pure: no document, no clock, no storage.
 *
 * @import { Answer, Configuration, Purpose } from './types.js'
 */

/**
 * The purposes a visitor answers; exempt ones are shown and never asked.
 *
 * @param {Configuration} configuration
 * @returns {Purpose[]}
 */
export function answerable({ purposes_ }) {
  return purposes_.filter(({ exempt_ }) => !exempt_)
}

/**
 * Tell whether a tracker of this purpose may run; an unknown purpose may not.
 *
 * @param {Configuration} configuration
 * @param {Map<string, Answer>} known
 * @param {string} slug
 */
export function mayRun({ purposes_ }, known, slug) {
  return purposes_.some(
    ({ slug_, exempt_ }) => slug_ === slug && (exempt_ === 1 || known.get(slug) === 'granted'),
  )
}
