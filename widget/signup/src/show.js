/**
 * What the person sees and hears: text alone, in elements of the page, which styles them by
 * the classes `consent-answer`, `consent-again` and `consent-fault`.
 *
 * @typedef {Record<'lang' | 'sending' | 'title' | 'text' | 'note' | 'change' | Fault, string>}
 *   Words
 * @typedef {'email' | 'purposes' | 'later' | 'other' | 'away'} Fault
 */

const RIGHT_TO_LEFT = ['ar', 'he']
let count = 0

/**
 * The place beside a form where answers are heard: there before anything is said in it.
 *
 * @param {HTMLFormElement} form
 * @param {Words} words
 */
export function listen(form, { lang }) {
  form.querySelectorAll('.consent-fault').forEach((each) => each.remove())
  for (const field of form.querySelectorAll('[data-consent-faulty]')) sound(field)
  const next = form.nextElementSibling
  if (next instanceof HTMLElement && next.matches('.consent-answer')) return next
  const place = element('div', { class: 'consent-answer', role: 'status', tabindex: '-1' })
  place.lang = lang
  place.dir = RIGHT_TO_LEFT.includes(lang) ? 'rtl' : 'ltr'
  form.after(place)
  return place
}

/**
 * @param {HTMLElement} place
 * @param {...(string | Node)} parts
 */
export function told(place, ...parts) {
  place.replaceChildren(
    ...parts.map((one) => (typeof one === 'string' ? element('p', {}, one) : one)),
  )
}

/**
 * Say in the form's place that a mail leaves, and to where: whoever mistyped sees it.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place
 * @param {Words} words
 * @param {string} email
 */
export function answered(form, place, words, email) {
  const [before = '', after = ''] = words.text.split('{email}')
  const again = element('button', { class: 'consent-again', type: 'button' }, words.change)
  told(
    place,
    element('p', {}, element('strong', {}, words.title)),
    element('p', {}, before, element('bdi', {}, email), after),
    words.note,
    element('p', {}, again),
  )
  // The page's own style may show what is only called hidden.
  const next = place.nextSibling
  const { parentNode } = place
  form.remove()
  again.onclick = () => {
    parentNode?.insertBefore(form, next)
    parentNode?.insertBefore(place, form.nextSibling)
    told(place)
    fieldOf(form, 'email')?.focus()
  }
  place.focus()
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement} place
 * @param {Words} words
 * @param {Fault} fault
 */
export function faulty(form, place, words, fault) {
  const field = fieldOf(form, fault)
  // Without a field to mend the focus stays on the button, to press it again.
  told(place, ...(field ? [] : [words[fault]]))
  if (!field) return
  const said = element('p', { class: 'consent-fault', id: `consent-fault-${++count}` })
  said.lang = words.lang
  said.dir = place.dir
  said.textContent = words[fault]
  // Behind the label that holds it: what stands in a label is read as the field's name.
  const beside = field.closest('label') ?? field
  beside.after(said)
  field.dataset['consentFaulty'] = field.getAttribute('aria-describedby') ?? ''
  field.setAttribute('aria-invalid', 'true')
  field.setAttribute('aria-describedby', `${said.id} ${field.dataset['consentFaulty']}`.trim())
  field.focus()
}

/** @param {Element} field */
function sound(field) {
  const before = field.getAttribute('data-consent-faulty')
  field.removeAttribute('data-consent-faulty')
  field.removeAttribute('aria-invalid')
  if (before) field.setAttribute('aria-describedby', before)
  else field.removeAttribute('aria-describedby')
}

/**
 * A field that a person can mend: not one that the page filled in for them.
 *
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement | null}
 */
function fieldOf(form, name) {
  return form.querySelector(`input[name="${name}"]:not([type=hidden])`)
}

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(string | Node)} content
 */
function element(name, attributes, ...content) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...content)
  return made
}
