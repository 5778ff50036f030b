/** The page's two languages: what it says, and what a finding comes to in words. */
import en from '../words/en.json'
import fr from '../words/fr.json'

const WORDS = { en, fr }
const TRANSLATED = ['kind', 'answer', 'surface', 'action', 'assertion']

/** @type {'en' | 'fr'} */
export let language = (navigator.language || '').startsWith('fr') ? 'fr' : 'en'
/**
 * @param {string} text
 * @param {Record<string, any>} [details]
 */
export function filled(text, details = {}) {
  /** @type {Record<string, string>} */
  const terms = WORDS[language].terms
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = String(details[name] ?? '–')
    return printable((TRANSLATED.includes(name) && terms[value]) || value)
  })
}

/**
 * The file is a stranger's: what would turn the line around is shown, not obeyed.
 *
 * @param {string} text
 */
export const printable = (text) =>
  text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** @param {string} name @param {Record<string, any>} [details] */
export const ui = (name, details) =>
  filled(/** @type {any} */ (WORDS[language].page)[name] ?? name, details)

/** @param {import('./person.js').Finding} finding */
export function say({ code, details, place }) {
  const { findings, page, places } = /** @type {any} */ (WORDS[language])
  const words = filled(findings[code] ?? page[code] ?? code, details)
  if (!place) return words
  const where = [printable(place.field || places.file)]
  for (const name of ['line', 'byte'])
    if (place[/** @type {'line'} */ (name)] !== undefined)
      where.push(`${places[name]} ${place[/** @type {'line'} */ (name)]}`)
  return `${where.join(', ')}${language === 'fr' ? '\u00a0' : ''}: ${words}`
}

/** Speaks the other language from now on. */
export function change() {
  language = language === 'fr' ? 'en' : 'fr'
}
