/**
 * The shapes that travel between the server, the visitor's cookie and this page.
 *
 * @typedef {'granted' | 'refused'} Answer
 *
 * @typedef {object} Cookie
 * @property {string} name may end with `*`, standing for any ending
 * @property {string} lifetime an ISO 8601 duration, `session`, or plain words
 *
 * @typedef {object} Tracker
 * @property {string} id
 * @property {string} name
 * @property {string} [provider]
 * @property {string} [country] an ISO 3166 code, or plain words
 * @property {string | null} [safeguard]
 * @property {string | null} [privacy_url]
 * @property {string | null} [exemption_reason]
 * @property {Cookie[]} [cookies]
 *
 * @typedef {object} Purpose
 * @property {string} slug
 * @property {string} title
 * @property {string} text
 * @property {boolean} exempt
 * @property {number} floor the lowest version of the notice whose answers still count
 * @property {string[]} trackers ids
 * @property {string} [lang] when the words are not in the language of the banner
 *
 * @typedef {object} Controller
 * @property {string} name
 * @property {string} [role]
 * @property {string | null} [privacy_url]
 *
 * @typedef {object} Scope a named group of sites that share one choice
 * @property {string} [name]
 * @property {string[]} [sites]
 *
 * @typedef {object} Colours
 * @property {string} [accent]
 * @property {string} [text]
 * @property {string} [background]
 *
 * @typedef {Colours & {radius?: string, layout?: string, dark?: Colours}} Theme
 *
 * @typedef {object} Experience
 * @property {string} notice_version
 * @property {number} version the number of that version within its notice
 * @property {string} language of the built-in words
 * @property {Scope | string | null} [scope]
 * @property {Controller[]} [controllers]
 * @property {string | null} [privacy_url]
 * @property {string | null} [contact]
 * @property {Purpose[]} purposes
 * @property {Tracker[]} trackers
 * @property {Record<string, string>} words
 * @property {Theme | null} [theme]
 * @property {string} [ask_again_after] an ISO 8601 duration, never under six months
 *
 * @typedef {object} Configuration
 * @property {string} site
 * @property {string} endpoint
 * @property {string} script SHA-256 of this file as built: which script asked the question
 * @property {Experience} experience
 * @property {Record<string, any>} [modules] the settings of each module
 *
 * @typedef {{purposes: string[], src?: string | null, type?: string}} Claimed what a foreign
 *   mark says: `src` null for a script written in the page, left out for the element's own
 *
 * @typedef {object} Core what a module is given; README.md explains each
 * @property {Experience} experience
 * @property {string} nonce
 * @property {(slug: string) => boolean} granted
 * @property {(slug: string) => Answer | undefined} answer
 * @property {(type: string, listener: (detail: any) => void) => () => void} on
 * @property {(type: string, detail: unknown) => void} emit
 * @property {(selector: string, read: (element: Element) => Claimed | null) => void} claim
 * @property {(slug: string) => Answer | undefined} unasked what counts where nobody answered
 * @property {(frame: HTMLElement, purposes: string[]) => void} cover
 * @property {(frame: HTMLElement) => void} uncover
 * @property {(slug: string) => void} allow one purpose more, asked where nothing is known yet
 * @property {typeof import('./elements.js').element} element
 * @property {typeof import('./elements.js').button} button
 * @property {typeof import('./elements.js').createHost} host
 * @property {Consent} api becomes `window.consent`
 *
 * @typedef {(core: Core, settings: any) => void} Module
 *
 * @typedef {'granted' | 'refused' | 'superseded'} State
 *
 * @typedef {object} Kept one remembered answer
 * @property {State} state `superseded`: no longer a yes, to be asked under newer words
 * @property {number} version of the notice it was given under
 *
 * @typedef {object} Remembered what the cookie holds
 * @property {string} visitor
 * @property {string} decision the browser's id of the last decision, or ''
 * @property {number} decidedAt milliseconds since the epoch
 * @property {string} receipt its unguessable name, or '' until the server has answered
 * @property {Map<string, Kept>} answers by purpose slug
 *
 * @typedef {'accept_all' | 'refuse_all' | 'save' | 'withdraw_all'} Action
 * @typedef {'first_layer' | 'second_layer' | 'placeholder' | 'page'} Surface
 *
 * @typedef {object} Decision exactly what is sent
 * @property {string} id
 * @property {string} visitor
 * @property {string} notice_version
 * @property {string} language
 * @property {Action} action
 * @property {Record<string, Answer>} choices
 * @property {Surface} surface
 * @property {string} decided_at
 * @property {string} [previous]
 * @property {{script: string, layout: string, controls: Record<string, boolean>}} shown
 * @property {{gpc: boolean}} signals
 *
 * @typedef {object} ServerAnswer what a 201 or a problem may carry
 * @property {string} [id]
 * @property {string} [receipt]
 * @property {Record<string, string>} [standing]
 * @property {string[]} [ask_again]
 * @property {string} [code]
 */
export {}
