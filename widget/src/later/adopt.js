/**
 * What is kept after the server has answered. Pure.
 *
 * @import { Kept } from '../types.js'
 */

/**
 * The kept answers after the server has said what stands; in doubt, not a yes.
 *
 * A refusal stays one: of a decision refused whole (`later_no`) the server tells what stood
 * before it, and a yes in there is one this visitor has just taken back.
 *
 * @param {Map<string, Kept>} kept
 * @param {Record<string, string>} said the server's standing by slug
 * @param {string[]} askAgain
 * @returns {Map<string, Kept>}
 */
export function adopt(kept, said, askAgain) {
  const words = new Map(Object.entries(said))
  for (const slug of askAgain) words.set(slug, '')
  return new Map(
    [...kept].map(([slug, [letter, version]]) => {
      const word = letter === 'r' ? undefined : words.get(slug)
      // Refused, withdrawn, objected; of any other word, superseded.
      const refused = /^[rwo]/.test(word ?? '')
      const now = word === 'granted' ? 'g' : refused ? 'r' : 's'
      return [slug, [word === undefined ? letter : now, version]]
    }),
  )
}
