/**
 * Finds the marked elements that something is to be done about; `later/marks.js` does it.
 * Scripts that may not run need nothing: they stay as they are.
 *
 *     <script type="text/plain" data-purpose="analytics" data-src="https://…"></script>
 *     <iframe data-purpose="video" data-src="https://…"></iframe>
 *     <img data-purpose="ads" data-src="https://…" alt="">
 *     <link rel="stylesheet" data-purpose="fonts" data-href="https://…">
 *
 * @import { Core } from './types.js'
 */

/**
 * Bring every marked element of the page in step with what may run now.
 *
 * @param {Pick<Core, 'configuration' | 'granted' | 'prepare' | 'later_'>} core
 */
export function apply(core) {
  core.prepare?.()
  // A form’s own properties can be named over by the fields in it. `*` is what the head lets go.
  let marks = '[data-purpose]:not(form,script),[data-purpose="*"]'
  for (const { slug_ } of core.configuration.purposes_)
    if (core.granted(slug_)) marks += `,script[data-purpose~="${slug_}"]`
  // One is looked for first: a list of none would take memory for as long as the page lives.
  if (document.querySelector(marks))
    core.later_().marks_(/** @type {Iterable<any>} */ (document.querySelectorAll(marks)))
}
