/**
 * Small makers of elements. Text is only ever text: nothing here parses markup.
 *
 * @import { Child, Configuration, Core } from './types.js'
 */
import CSS from './style.css?inline'

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
 * The absolute http(s) address, or null: `javascript:` and `data:` never pass.
 *
 * @param {string | null | undefined} text
 * @returns {string | null}
 */
export function webAddress(text) {
  try {
    const { href } = new URL(/** @type {string} */ (text), document.baseURI)
    return text && /^https?:/.test(href) ? href : null
  } catch {
    // URL throws for one thing only: this is no address.
    return null
  }
}

/**
 * The attributes of a text that is not in the language around it.
 *
 * @param {string | undefined} lang
 */
export function spoken(lang) {
  return { lang, dir: lang && 'auto' }
}

/**
 * What makes places of our own on the page: each with its language and direction, all with
 * one style. Not a `style` element, which strict pages forbid. A browser too old for this
 * shows no banner, and runs no tracker.
 *
 * @param {Pick<Configuration, 'theme_'>} configuration
 * @returns {Core['host']}
 */
export function createHosts({ theme_ }) {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(theme_ + CSS)
  return (tag, { lang_, dir_ }) => {
    const host = element(tag, { lang: lang_, dir: dir_ ?? 'ltr' })
    const root = host.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [sheet]
    return { host, root }
  }
}
