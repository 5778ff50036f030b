/**
 * What a `problem` event carries. Minifiers mangle the names of classes, so each error is
 * named by what a listener can rely on.
 *
 * @param {'StorageRefused' | 'DecisionRefused' | 'UnsafeElement'} kind
 * @param {string} why
 * @param {unknown} [cause]
 */
export function failure(kind, why, cause) {
  return Object.assign(new Error(why), { name: `${kind}Error`, cause })
}
