/**
 * The shapes that travel between the server, the visitor's cookie and this page.
 *
 * Names that end in `_` are ours alone: the build shortens them, and the server writes the
 * configuration with the short ones (README.md).
 *
 * @typedef {'granted' | 'refused'} Answer
 *
 * @typedef {object} Tracker
 * @property {string} name_
 * @property {(string | 0)[]} [facts_] provider, country, safeguard, why without asking
 * @property {[name: string, lifetime: string][]} [cookies_] a name may end with `*`, standing
 *   for any ending
 * @property {string} [privacy_]
 *
 * @typedef {object} Purpose
 * @property {string} slug_
 * @property {string} title_
 * @property {string} text_
 * @property {1} [exempt_]
 * @property {number} [floor_] the lowest version of the notice whose answers still count
 * @property {number[]} [trackers_] places in the list of trackers
 * @property {string} [lang_] when the words are not in the language of the banner
 *
 * @typedef {object} Controller
 * @property {string} name_
 * @property {string} [role_] in words
 * @property {string} [privacy_]
 *
 * @typedef {any} Words built-in ones by their name and `_`; the notice's `title_`, `intro_`
 *   and, when not in the banner's language, `lang_`; `labels_`, those of a tracker's facts
 *
 * @typedef {object} Configuration put into the script by the server
 * @property {string} site_
 * @property {string} url_ of the server
 * @property {string} script_ which script asked the question
 * @property {string} notice_ the version of the notice
 * @property {number} version_ its number within the notice
 * @property {string} lang_ of the built-in words
 * @property {'rtl'} [dir_]
 * @property {string} [scope_] the sentence that names the sites of a scope
 * @property {Controller[]} [controllers_]
 * @property {string} [privacy_]
 * @property {string} [contact_]
 * @property {Purpose[]} purposes_
 * @property {Tracker[]} trackers_
 * @property {Words} words_
 * @property {Record<string, string>} theme_ custom properties of the style
 * @property {number} [days_] until asked again, where more than six months
 * @property {string} [cookie_] its name
 * @property {string} [domain_] for sub-domains
 * @property {Record<string, any>} [modules_] the settings of each module
 *
 * @typedef {{purposes: string[], src?: string | null, type?: string}} Claimed what a foreign
 *   mark says: `src` null for a script written in the page, left out for the element's own
 *
 * @typedef {object} Core what a module is given; README.md explains each
 * @property {Configuration} configuration
 * @property {string} nonce
 * @property {string} layout
 * @property {HTMLElement} region
 * @property {ShadowRoot} root
 * @property {(slug: string) => boolean} granted
 * @property {(slug: string) => Answer | undefined} answer
 * @property {(type: string, listener: (detail: any) => void) => () => void} on
 * @property {(type: string, detail: unknown) => void} emit
 * @property {(selector: string, read: (element: Element) => Claimed | null) => void} claim
 * @property {() => void} prepare called before the page's marks are read
 * @property {(slug: string) => Answer | undefined} unasked what counts where nobody answered
 * @property {(frame: HTMLElement, purposes: string[]) => void} cover
 * @property {(frame: HTMLElement) => void} uncover
 * @property {(frame: HTMLElement) => void} once let one go, on this page alone
 * @property {(slug: string) => void} allow one purpose more, asked where nothing is known yet
 * @property {() => void} follow bring the page in step
 * @property {typeof import('./elements.js').element} element
 * @property {typeof import('./elements.js').button} button
 * @property {typeof import('./elements.js').createHost} host
 * @property {Consent} api becomes `window.consent`
 *
 * @typedef {(core: Core, settings: any) => void} Module
 *
 * @typedef {'g' | 'r' | 's'} Letter granted, refused; superseded: no longer a yes, to be asked
 *   under newer words
 *
 * @typedef {[letter: Letter, version: number]} Kept one remembered answer, and the version of
 *   the notice it was given under
 *
 * @typedef {object} Remembered what the cookie holds
 * @property {string} visitor_
 * @property {string} id_ the browser's id of the last decision, or ''
 * @property {number} time_ of it, in milliseconds since the epoch
 * @property {string} receipt_ its unguessable name, or '' until the server has answered
 * @property {Map<string, Kept>} answers_ by purpose slug
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
 * @property {{pointer?: string}[]} [errors]
 */
export {}
