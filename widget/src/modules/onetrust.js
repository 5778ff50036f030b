/**
 * The markup of OneTrust; of several categories, every one must be granted:
 *
 *     <script type="text/plain" class="optanon-category-C0002-C0004" src="…"></script>
 *     <iframe class="optanon-category-C0004" data-src="…"></iframe>
 *
 * @import { Core } from '../types.js'
 */
import { waitsFor } from './lib/categories.js'

const PREFIX = 'optanon-category-'
const MARK = `[class*="${PREFIX}"]`
const SELECTOR = `script[type="text/plain"]${MARK},iframe[data-src]${MARK},img[data-src]${MARK}`

/**
 * @param {Core} core
 * @param {Record<string, string>} settings purposes by category
 */
export default function onetrust({ claim }, settings) {
  claim(SELECTOR, ({ classList }) =>
    waitsFor(
      settings,
      [...classList]
        .filter((name) => name.startsWith(PREFIX))
        .flatMap((name) => name.slice(PREFIX.length).split('-')),
    ),
  )
}
