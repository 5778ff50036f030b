/**
 * From the categories or services of another banner to the purposes of this site.
 */

/**
 * Pure. What an element of another banner waits for; null where its mark names nothing:
 * no purpose at all must not read as nothing to wait for.
 *
 * @param {Record<string, string>} purposes by category
 * @param {string[]} categories
 * @returns {{purposes: string[]} | null}
 */
export function waitsFor(purposes, categories) {
  const named = categories.filter(Boolean)
  return named.length ? { purposes: translate(purposes, named) } : null
}

/**
 * Pure. What the settings do not name keeps its name, and is held for good where no
 * purpose of the site has it: nobody was asked about it.
 *
 * @param {Record<string, string>} purposes by category
 * @param {string[]} categories
 * @returns {string[]}
 */
export function translate(purposes, categories) {
  // Own names only: `constructor` is a word that a page may use as a category.
  return categories.map((name) => (Object.hasOwn(purposes, name) ? purposes[name] : name) ?? '')
}
