/**
 * The cookie declaration in a page of the site: its trackers as tables, as they are now,
 * where the page has put an element for them, in the site's own looks. A script of its own:
 * pages without a declaration carry nothing of it.
 *
 *     <div data-consent-declaration="3"></div>    the level of its headings; 2 unless said
 *     <script src="https://host/w/site_….trackers.js?lang=fr" async></script>
 *
 * @typedef {object} Linked
 * @property {string} text
 * @property {string} [href]
 *
 * @typedef {object} Declared
 * @property {string} lang
 * @property {'rtl'} [dir]
 * @property {{manage: string, privacy: string, always: string}} words
 * @property {string[]} heads of the columns
 * @property {{title: string, text: string, lang?: string, exempt?: boolean,
 *   rows: (string | Linked)[][][]}[]} purposes a cell is a list of lines
 * @property {string} [privacy]
 * @property {string} contact
 */

/** @param {Declared} told */
export default function declare(told) {
  const { words } = told

  /**
   * @param {string} tag
   * @param {Record<string, string | undefined>} attributes
   * @param {(Node | string)[]} children
   */
  function make(tag, attributes, ...children) {
    const made = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes))
      if (value) made.setAttribute(name, value)
    made.append(...children)
    return made
  }

  /** @param {string | Linked} line */
  function written(line) {
    if (typeof line === 'string') return line
    const { text, href } = line
    return href ? make('a', { href, rel: 'noopener' }, text) : make('code', {}, text)
  }

  /**
   * @param {string} tag
   * @param {Record<string, string>} attributes
   * @param {(string | Linked)[]} lines
   */
  function cell(tag, attributes, lines) {
    const parts = lines.flatMap((line, i) => [...(i ? [make('br', {})] : []), written(line)])
    return make(tag, attributes, ...parts)
  }

  /** @param {(string | Linked)[][]} cells */
  function row([name = [], ...others]) {
    const rest = others.map((lines) => cell('td', {}, lines.length ? lines : ['–']))
    return make('tr', {}, cell('th', { scope: 'row' }, name), ...rest)
  }

  /**
   * @param {string} level of its heading
   * @param {Declared['purposes'][number]} purpose
   */
  function section(level, { title, text, lang, exempt, rows }) {
    const heads = told.heads.map((head) => make('th', { scope: 'col' }, head))
    // A table wider than a phone is scrolled within, by keyboard too.
    const around = { role: 'region', tabindex: '0', 'aria-label': title }
    const table = make(
      'table',
      {},
      make('thead', {}, make('tr', {}, ...heads)),
      make('tbody', {}, ...rows.map(row)),
    )
    const scrolled = make('div', around, table)
    scrolled.style.overflowX = 'auto'
    const own = { lang, dir: lang && 'auto' }
    return make(
      'section',
      {},
      make(`h${level}`, own, title),
      make('p', own, text),
      ...(exempt ? [make('p', {}, words.always)] : []),
      ...(rows.length ? [scrolled] : []),
    )
  }

  function manage() {
    const button = make('button', { type: 'button', 'data-consent-open': ' ' }, words.manage)
    button.onclick = () => /** @type {any} */ (window).consent?.open()
    return button
  }

  function fill() {
    for (const place of document.querySelectorAll('[data-consent-declaration]')) {
      const said = place.getAttribute('data-consent-declaration') ?? ''
      const level = /^[1-6]$/.test(said) ? said : '2'
      if (!place.querySelector('[data-consent-open]')) {
        place.replaceChildren(
          make(
            'div',
            { lang: told.lang, dir: told.dir ?? 'ltr' },
            ...told.purposes.map((one) => section(level, one)),
            make('p', {}, manage()),
            make(
              'p',
              {},
              ...(told.privacy
                ? [written({ text: words.privacy, href: told.privacy }), ' · ']
                : []),
              told.contact,
            ),
          ),
        )
      }
    }
  }

  fill()
  // The script may be faster than the page it stands in.
  document.addEventListener('DOMContentLoaded', fill)
}
