/**
 * Makes the placeholder of a held film, map or podcast look like one, and says who provides
 * it. Drawn here: nothing is fetched from anybody. A picture of the site's own may stand
 * behind it: `data-poster="/films/ours.jpg"`.
 *
 * @import { Core } from '../types.js'
 */
import { element } from './lib/elements.js'
import { recogniser } from './lib/addresses.js'
import { wear } from './lib/style.js'

const SVG = 'http://www.w3.org/2000/svg'
// A play button, a pin on a folded map, the bars of a sound; in a square of 24.
/** @type {Record<string, string>} */
const DRAWN = {
  video: 'M2 4h20v16H2zM10 8.5v7l6-3.5z',
  maps: 'M8 15l-6-2v7l6 2 8-3 6 2v-7l-5-1.5M12 16s-5-5-5-9a5 5 0 0 1 10 0c0 4-5 9-5 9zm0-11a2 2 0 1 0 .01 0z',
  audio: 'M3 10v4M6 7v10M9 4v16M12 8v8M15 5v14M18 9v6M21 11v2',
}
// Lower than this a frame has no room for a drawing.
const ROOM = 240
const CSS = `.held{position:relative;isolation:isolate}
.video,.maps,.audio{box-shadow:inset 0 0 4em #8882}
svg{width:3.5em;height:3.5em;fill:none;stroke:var(--a);stroke-width:1.25;stroke-linecap:round;stroke-linejoin:round}
img{position:absolute;inset:0;z-index:-1;width:100%;height:100%;object-fit:cover}
.picture>:not(img,button){padding:.25em .75em;border-radius:var(--r);background-color:var(--b)}`

/**
 * @param {Core} core
 * @param {{services: string}} settings see `recogniser`; in the place of purposes the look
 */
export default function posters(core, { services }) {
  const find = recogniser(services)
  const { cover, configuration } = core
  /** @type {WeakSet<Element>} */
  const dressed = new WeakSet()

  core.cover = (frame, purposes) => {
    cover(frame, purposes)
    const host = frame.previousElementSibling
    const held = host?.shadowRoot?.querySelector('.held')
    if (!host?.shadowRoot || !held || dressed.has(host)) return
    dressed.add(host)
    wear(host.shadowRoot, CSS)
    const picture = addressOf(frame, 'data-poster')
    // A picture of anybody else's would tell them of the visit before a choice.
    const own = picture?.origin === location.origin
    if (own) hang(held, picture)
    dress(held, frame, !own && !(Number(frame.getAttribute('height') ?? ROOM) < ROOM))
  }

  /**
   * @param {Element} held
   * @param {Element} frame
   * @param {boolean} room for a drawing
   */
  function dress(held, frame, room) {
    const address = addressOf(frame, 'data-src')
    const known = address && find(address)
    if (!known) return
    const look = known.purposes[0] ?? ''
    const from = `${configuration.words_.placeholder_from_} ${known.service}`
    held.querySelector('p')?.after(element('p', { class: 'from' }, from))
    if (room && DRAWN[look]) held.prepend(draw(DRAWN[look]))
    held.classList.add(look)
  }

  /**
   * @param {Element} held
   * @param {URL} picture of the site's own
   */
  function hang(held, picture) {
    held.prepend(element('img', { alt: '', src: picture.href }))
    held.classList.add('picture')
  }
}

/**
 * @param {Element} frame
 * @param {string} name of an attribute
 * @returns {URL | undefined}
 */
function addressOf(frame, name) {
  const text = frame.getAttribute(name)
  try {
    return text ? new URL(text, document.baseURI) : undefined
  } catch {
    // URL throws for one thing only: this is no address.
    return undefined
  }
}

/** @param {string} path */
function draw(path) {
  const art = document.createElementNS(SVG, 'svg')
  art.setAttribute('viewBox', '0 0 24 24')
  art.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(SVG, 'path')
  line.setAttribute('d', path)
  art.append(line)
  return art
}
