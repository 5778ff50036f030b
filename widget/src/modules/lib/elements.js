/**
 * Small makers of elements. Text is only ever text: nothing here parses markup.
 *
 * @import { Child } from '../../types.js'
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
export function button(action, text, look) {
  return element('button', { class: look, 'data-action': action }, text)
}
