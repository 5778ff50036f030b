/**
 * Global Privacy Control, where the organisation respects it without being asked: while the
 * browser says so, a purpose that was not answered counts as refused, and is not asked
 * about (GPC-2). An answer of the visitor's own goes before it. Every decision records the
 * signal, with this module or without it.
 *
 * @import { Core } from '../types.js'
 */
import { privacyControl } from '../signals.js'

/** @param {Core} core */
export default function gpc(core) {
  // Nothing is stored and nothing sent for it: the browser repeats its signal on every page.
  if (privacyControl()) core.unasked = () => 'refused'
}
