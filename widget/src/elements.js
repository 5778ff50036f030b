/**
 * Small makers of elements. Text is only ever text: nothing here parses markup.
 *
 * @import { Child, Core } from './types.js'
 */

/**
 * @param {string} tag
 * @param {Record<string, string | null | undefined | false>} attributes those without a
 *   value are left out
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value || value === '') made.setAttribute(name, value)
  for (const child of children) if (child) made.append(child)
  return made
}

/**
 * One button; every choice is made here, so no answer can look weaker than another.
 *
 * @param {string} action
 * @param {string | undefined} text
 * @param {string} [look]
 */
export function button(action, text, look = 'choice') {
  return element('button', { class: look, 'data-action': action }, text)
}

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
