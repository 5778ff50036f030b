/**
 * Brings the visitor's own record into the second layer: fetched when somebody who has
 * answered before opens it, and by nobody else.
 *
 * @import { Core } from '../types.js'
 */

/** @param {Core} core */
export default function recordDoor(core) {
  const { url_, site_, lang_ } = core.configuration
  core.on('shown', (view) => {
    // What every cookie of ours begins with, whatever its name.
    if (view === 'second_layer' && document.cookie.includes('=1~'))
      import(`${url_}/w/${site_}.record.js?lang=${lang_}`).then(
        (late) => late.default(core),
        // Our server is away: the browser says so, and nobody can see a record now.
        () => 0,
      )
  })
}
