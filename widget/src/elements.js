/**
 * Small makers of elements. Text is only ever text: nothing here parses markup.
 *
 * @import { Configuration } from './types.js'
 */
import CSS from './style.css?inline'

/** @type {CSSStyleSheet | undefined} one for all places, as they look alike */
let sheet

/**
 * @param {string} tag
 * @param {Record<string, string | null | undefined | false>} attributes those without a
 *   value are left out
 * @param {(Node | string | null | undefined | false)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value != null && value !== false) made.setAttribute(name, value)
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
    const { href } = new URL(text ?? '', document.baseURI)
    return text && /^https?:/.test(href) ? href : null
  } catch {
    // URL throws for one thing only: this is no address.
    return null
  }
}

/**
 * A place of our own on the page: its language, its direction, its colours, its style.
 *
 * @param {string} tag
 * @param {Configuration} configuration
 */
export function createHost(tag, { lang_, dir_, theme_ }) {
  const host = element(tag, { lang: lang_, dir: dir_ ?? 'ltr' })
  for (const [name, value] of Object.entries(theme_)) host.style.setProperty(name, value)
  const root = host.attachShadow({ mode: 'open' })
  // Not a `style` element, which strict pages forbid. A browser too old for this shows no
  // banner, and runs no tracker.
  if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(CSS)
  root.adoptedStyleSheets = [sheet]
  return { host, root }
}
