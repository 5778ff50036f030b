/**
 * Brings the visitor's own record into the second layer: fetched when somebody who has
 * answered before opens it, and by nobody else.
 *
 * @import { Core } from '../types.js'
 */

/** @param {Core} core */
export default function recordDoor(core) {
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript)
  core.on('shown', (view) => {
    // What every cookie of ours begins with, whatever its name.
    if (view === 'second_layer' && /=1~/.test(document.cookie))
      // Beside the banner's own script, and in its language.
      import(src.replace(/\.js($|\?)/, '.record$&')).then(
        (late) => late.default(core),
        // Our server is away: the browser says so, and nobody can see a record now.
        () => 0,
      )
  })
}
