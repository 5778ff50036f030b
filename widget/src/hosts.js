/**
 * Places of our own on the page.
 *
 * @import { Core } from './types.js'
 */

/**
 * What makes places of our own on the page: each with its language and direction, all in the
 * same clothes.
 *
 * @param {CSSStyleSheet[]} sheets
 * @returns {Core['host']}
 */
export function createHosts(sheets) {
  return (tag, { lang_, dir_ }) => {
    const host = document.createElement(tag)
    host.lang = lang_
    host.dir = dir_ ?? 'ltr'
    const root = host.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = sheets
    return { host, root }
  }
}

/**
 * Not a `style` element, which strict pages forbid. A browser too old for this shows no
 * banner, and runs no tracker.
 *
 * @param {string} css
 */
export function sheet(css) {
  const made = new CSSStyleSheet()
  made.replaceSync(css)
  return made
}
