/**
 * The markup of klaro:
 *
 *     <script type="text/plain" data-type="module" data-name="matomo" data-src="…"></script>
 *     <iframe data-name="youtube" data-src="…"></iframe>
 *
 * @import { Core } from '../types.js'
 */
import { waitsFor } from './lib/categories.js'

const SELECTOR =
  'script[type="text/plain"][data-name],iframe[data-name][data-src],img[data-name][data-src]'

/**
 * @param {Core} core
 * @param {Record<string, string>} settings purposes by service
 */
export default function klaro({ claim }, settings) {
  claim(SELECTOR, (element) => waitsFor(settings, [element.getAttribute('data-name') ?? '']))
}
