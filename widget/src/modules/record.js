/**
 * The third door: what this site knows of this visitor, to see, take away and erase, by the
 * visitor id that only their cookie holds. Fetched by `record_door`, or part of the code
 * that a strict site checks. It names nothing that the build shortens.
 *
 * @import { Core } from '../types.js'
 * @import { OwnRecord } from './lib/own_record.js'
 */
import { element } from './lib/elements.js'
import { forget, openRecord, remembered } from './lib/own_record.js'

/**
 * @typedef {object} Told
 * @property {string} url of the server
 * @property {string} site
 * @property {string} cookie its name
 * @property {string} [domain] for sub-domains
 * @property {Record<string, string>} words
 */

/**
 * @param {Core} core
 * @param {Told} told
 */
export default function record(core, told) {
  const { region } = core
  const { words } = told

  function add() {
    const { visitor, receipt } = remembered(document.cookie, told.cookie)
    const body = region.querySelector('.body')
    if (region.dataset['view'] !== 'second_layer' || !visitor || !body) return
    const name = element('h3', { id: 'record', tabindex: '-1' }, words['record'])
    const content = element('div', { role: 'status' })
    const open = act('show', words['record'])
    const place = element('div', { class: 'purpose', 'data-record': '' }, content, open)
    open.onclick = () => show(openRecord(told, visitor), place, name, content)
    if (receipt) body.append(link(`${told.url}/v1/receipts/${receipt}`, words['receipt'] ?? ''))
    body.append(place)
  }

  /**
   * @param {(what: string) => Promise<OwnRecord>} ask
   * @param {HTMLElement} place
   * @param {HTMLElement} name
   * @param {HTMLElement} content
   */
  async function show(ask, place, name, content) {
    try {
      const known = await ask('show')
      const list = known.decisions.map((one) => element('li', {}, ...said(one)))
      content.replaceChildren(
        list.length
          ? element('ul', { class: 'facts' }, ...list)
          : element('p', {}, words['record_none']),
      )
      place.replaceChildren(name, content)
      name.focus({ preventScroll: true })
      if (list.length)
        place.append(element('p', { class: 'row' }, ...doors(known, ask, content)))
    } catch (error) {
      away(content, error)
    }
  }

  /** @param {OwnRecord['decisions'][number]} decision */
  function said({ decided_at: at, choices, receipt_url: address }) {
    const { lang } = /** @type {HTMLElement} */ (core.root.host)
    const answers = choices.map(({ purpose, title, answer }) => {
      const text = title[lang] ?? Object.values(title)[0] ?? purpose
      return `${text} – ${words[answer === 'yes' || answer === 'granted' ? 'on' : 'off']}`
    })
    return [
      element('b', {}, new Date(at).toLocaleString(lang)),
      ...answers.map((text) => element('p', { dir: 'auto' }, text)),
      link(address, words['receipt'] ?? ''),
    ]
  }

  /**
   * @param {OwnRecord} known
   * @param {(what: string) => Promise<OwnRecord>} ask
   * @param {HTMLElement} content
   */
  function doors({ offers }, ask, content) {
    const download = act('export', words['download'])
    download.onclick = () => ask('export').then(takeAway, (error) => away(content, error))
    const erase = act('erase', words['erase'])
    let sure = false
    erase.onclick = async () => {
      if (!sure) {
        sure = true
        // In words first: what is gone does not come back.
        content.append(element('p', {}, words['erase_sure']))
        return
      }
      try {
        await ask('erase')
        forget(told)
        core.follow()
        content.replaceChildren(element('p', {}, words['erased']))
        download.remove()
        erase.remove()
      } catch (error) {
        away(content, error)
      }
    }
    return [download, offers.includes('erase') && erase]
  }

  /**
   * @param {HTMLElement} content
   * @param {unknown} error
   */
  function away(content, error) {
    content.append(element('p', {}, words['record_away']))
    core.emit('problem', error)
  }

  /**
   * @param {string} what
   * @param {string | undefined} text
   */
  function act(what, text) {
    return element('button', { class: 'plain', type: 'button', 'data-do': what }, text)
  }

  /**
   * @param {string} href
   * @param {string} text
   */
  function link(href, text) {
    const told = element('span', { class: 'unseen' }, ` (${words['new_tab']})`)
    return element('a', { href, target: '_blank', rel: 'noopener' }, text, told)
  }

  core.on('shown', add)
  add()
}

/** @param {unknown} known */
function takeAway(known) {
  const file = new Blob([JSON.stringify(known, null, 2)], { type: 'application/json' })
  const href = URL.createObjectURL(file)
  Object.assign(document.createElement('a'), { href, download: 'consent-record.json' }).click()
  // Not before the browser has taken it up.
  setTimeout(() => URL.revokeObjectURL(href), 1000)
}
