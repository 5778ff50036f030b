/**
 * The markup of Cookiebot; of several categories, every one must be granted:
 *
 *     <script type="text/plain" data-cookieconsent="statistics,marketing" src="…"></script>
 *     <iframe data-cookieconsent="marketing" data-cookieblock-src="…"></iframe>
 *
 * @import { Core } from '../types.js'
 */
import { waitsFor } from './lib/categories.js'

const SELECTOR =
  'script[type="text/plain"][data-cookieconsent],' +
  'iframe[data-cookieconsent][data-cookieblock-src],' +
  'img[data-cookieconsent][data-cookieblock-src]'

/**
 * @param {Core} core
 * @param {Record<string, string>} settings purposes by category
 */
export default function cookiebot({ claim }, settings) {
  claim(SELECTOR, (element) => {
    const categories = (element.getAttribute('data-cookieconsent') ?? '').split(/[\s,]+/)
    const src = element.getAttribute('data-cookieblock-src')
    const found = waitsFor(settings, categories)
    return found && src !== null ? { ...found, src } : found
  })
}
