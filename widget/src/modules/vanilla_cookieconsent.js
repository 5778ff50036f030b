/**
 * The markup of vanilla-cookieconsent:
 *
 *     <script type="text/plain" data-category="analytics" data-src="…"></script>
 *
 * @import { Core } from '../types.js'
 */
import { waitsFor } from './lib/categories.js'

/**
 * @param {Core} core
 * @param {Record<string, string>} settings purposes by category
 */
export default function vanillaCookieconsent({ claim }, settings) {
  // A category that begins with `!` asks to run after a no: no purpose has such a name.
  claim('script[type="text/plain"][data-category]', (element) =>
    waitsFor(settings, [element.getAttribute('data-category') ?? '']),
  )
}
