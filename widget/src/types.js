/**
 * The shapes that travel between the server, the visitor's cookie and this page.
 *
 * Names that end in `_` are ours alone: the build shortens them, and the server writes the
 * configuration with the short ones (README.md).
 *
 * @typedef {'granted' | 'refused'} Answer
 *
 * @typedef {object} Purpose
 * @property {string} slug_
 * @property {string} title_
 * @property {1} [exempt_]
 * @property {number} [floor_] the lowest version of the notice whose answers still count
 *
 * @typedef {any} Words by their names
 *
 * @typedef {object} Configuration put into the script by the server
 * @property {string} site_
 * @property {string} url_ of the server
 * @property {string} script_ which script asked the question
 * @property {string} notice_ the version of the notice
 * @property {number} version_ its number within the notice
 * @property {string} lang_ of the built-in words
 * @property {'rtl'} [dir_]
 * @property {Purpose[]} purposes_
 * @property {string} frame_ markup of the banner, its first layer in it
 * @property {Words} [words_] those of modules
 * @property {string} theme_ the rule that sets the custom properties of the style
 * @property {() => Partial<Configuration>} [more_] the following ones, which only a choice
 *   needs, folded away until then
 * @property {string} [second_] markup of the second layer
 * @property {string[][]} [cookies_] of each purpose, those of its trackers: names, of which
 *   one may end with `*`, standing for any ending
 * @property {string} [cover_] markup of a placeholder
 * @property {string[]} [said_] words: saved, why to reload, what changed
 * @property {number} [days_] until asked again, where more than six months
 * @property {string} [cookie_] its name
 * @property {string} [domain_] for sub-domains
 * @property {Record<string, any>} [modules_] the settings of each module
 *
 * @typedef {Node | string | 0 | null | undefined | false} Child
 *
 * @typedef {object} Weighed
 * @property {Map<string, Answer>} known_ the answers that count
 * @property {Purpose[]} pending_ those to ask about; none means the banner stays away
 * @property {Purpose | false | null | undefined} [again_] whether this visitor has answered
 *   before, and words changed since
 *
 * @typedef {object} Later what only a choice needs
 * @property {(action: string | null) => void} act_ what a button does
 * @property {Pick<Consent, 'accept' | 'refuse' | 'save' | 'open' | 'reset'>} ask_
 * @property {(slug?: string) => void} open_ the second layer, at one purpose
 * @property {(event: MouseEvent) => void} click_
 * @property {(action: Action, surface: Surface, chosen?: (slug: string) => boolean) => void} decide_
 * @property {(scripts: Element[]) => void} release_
 * @property {(kept: Remembered | null | undefined) => void} weigh_ what counts; what is to be cleaned up, kept and sent
 *   follows when nothing waits for it
 * @property {() => void} changed_
 * @property {(frame: HTMLElement, purposes: string[]) => void} cover_
 * @property {(frame: HTMLElement) => void} uncover_
 * @property {(slug: string) => void} allow_ one purpose more, asked where nothing is known yet
 * @property {(elements: Iterable<HTMLElement>) => void} marks_ bring them in step
 * @property {(element: HTMLElement) => void} once_ let one go, on this page alone
 * @property {() => void} forget_
 * @property {(kept: Remembered) => void} begin_
 * @property {() => void} step_
 * @property {() => void} sight_
 *
 * @typedef {Configuration & Required<Pick<Configuration, 'cover_' | 'said_'>>} Whole unfolded
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
 * @property {() => void} [prepare] called before the page's marks are read
 * @property {(slug: string) => Answer | undefined} [unasked] what counts where nobody answered
 * @property {(frame: HTMLElement, purposes: string[]) => void} cover
 * @property {(kept?: Remembered | null) => void} follow bring the page in step
 * @property {(tag: string, configuration: Pick<Configuration, 'lang_' | 'dir_'>) => {host: HTMLElement, root: ShadowRoot}} host
 * @property {Consent} api becomes `window.consent`
 * @property {Map<string, Answer>} known_ the answers that count
 * @property {Purpose[]} pending_ those to ask about; none means the banner stays away
 * @property {Purpose | false | null | undefined} [again_] whether this visitor has answered before, and words changed since
 * @property {Remembered | null} [unkept_] by this page alone: what the device may not, or is about to
 * @property {(cookies?: string[]) => Remembered | null | undefined} read_ what this device remembers now
 * @property {(near?: Event) => Later} later_
 * @property {CSSStyleSheet[]} sheets_ what our hosts wear
 * @property {Surface | 'closed' | ''} [view_]
 * @property {boolean} [dismissed_] closed on this page without an answer
 * @property {() => 'first_layer' | 'closed'} resting_ where the answers stand
 * @property {(view: Surface | 'closed') => void} show_
 * @property {() => void} follow_ ask, or step aside
 * @property {() => void} mount_
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
 * @property {string | undefined} [id_] the browser's id of the last decision, if it has one
 * @property {number} time_ of it, in milliseconds since the epoch
 * @property {string | undefined} [receipt_] its unguessable name, once the server has answered
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
 * @property {string | undefined} [previous]
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
