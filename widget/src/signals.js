/**
 * Read Global Privacy Control: only exactly true counts (W3C GPC).
 *
 * @returns {boolean}
 */
export function privacyControl() {
  return /** @type {any} */ (navigator).globalPrivacyControl === true
}
