/**
 * Small makers of elements. Text is only ever text: nothing here parses markup.
 *
 * @import { Experience } from './types.js'
 */
import { CSS } from './style.js'

/**
 * @param {string} tag
 * @param {Record<string, string | null | undefined>} attributes those without a value are left out
 * @param {(Node | string | null | undefined | false)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) made.setAttribute(name, value)
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
  const attributes = {
    type: 'button',
    class: look,
    part: `${look} ${action}`,
    'data-action': action,
  }
  return element('button', attributes, text)
}

/**
 * A link that leaves the page alone and says so; plain text where the address is not the web's.
 *
 * @param {string | undefined} text
 * @param {string | null | undefined} address
 * @param {string | undefined} newTab
 */
export function link(text, address, newTab) {
  const href = webAddress(address)
  if (!href) return element('span', {}, text)
  const told = element('span', { class: 'unseen' }, ` (${newTab})`)
  return element('a', { href, target: '_blank', rel: 'noopener' }, text, told)
}

/**
 * The absolute http(s) address, or null: `javascript:` and `data:` never pass.
 *
 * @param {string | null | undefined} text
 * @returns {string | null}
 */
export function webAddress(text) {
  if (!text) return null
  try {
    const { protocol, href } = new URL(text, document.baseURI)
    return protocol === 'https:' || protocol === 'http:' ? href : null
  } catch {
    // URL throws for one thing only: this is no address.
    return null
  }
}

/**
 * @param {string} language
 * @returns {'rtl' | 'ltr'}
 */
export function direction(language) {
  return /^(ar|fa|he|ur)\b/.test(language) ? 'rtl' : 'ltr'
}

/**
 * A place of our own on the page: its language, its direction, its colours, its style.
 *
 * @param {string} tag
 * @param {Experience} experience
 * @param {string} nonce
 */
export function createHost(tag, { language, theme }, nonce) {
  const host = element(tag, { lang: language, dir: direction(language) })
  const { dark = {}, accent, text, background, radius } = theme ?? {}
  // The default dark background needs a lighter accent: mixed 60 % with white even black
  // reaches 4.5:1 on it.
  const lighter = accent && `color-mix(in srgb,${accent} 40%,#fff)`
  const colours = { accent, text, background, radius }
  const night = { accent: dark.accent ?? lighter, text: dark.text, background: dark.background }
  for (const [name, value] of Object.entries(colours)) setVariable(host, name, value)
  for (const [name, value] of Object.entries(night)) setVariable(host, `${name}-dark`, value)
  const root = host.attachShadow({ mode: 'open' })
  dress(root, nonce)
  return { host, root }
}

/**
 * @param {HTMLElement} host
 * @param {string} name
 * @param {string | undefined} value
 */
function setVariable(host, name, value) {
  if (value) host.style.setProperty(`--consent-${name}`, value)
}

/**
 * Style a shadow root without inline style, which strict pages forbid.
 *
 * @param {ShadowRoot} root
 * @param {string} nonce
 */
function dress(root, nonce) {
  if (Reflect.has(root, 'adoptedStyleSheets')) {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(CSS)
    root.adoptedStyleSheets = [sheet]
  } else {
    const style = element('style', {}, CSS)
    style.nonce = nonce
    root.append(style)
  }
}
