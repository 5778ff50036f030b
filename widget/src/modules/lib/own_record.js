/**
 * A visitor's own record: what the cookie says of them, and the server's door to the rest.
 *
 * @typedef {object} OwnRecord
 * @property {string[]} offers what may be asked: `show`, `export`, `erase`
 * @property {{decided_at: string, receipt_url: string,
 *   choices: {purpose: string, title: Record<string, string>, answer: string}[]}[]} decisions
 */

/**
 * Read the two secrets of the cookie; README.md says how it is written.
 *
 * @param {string} cookies of the document
 * @param {string} name
 */
export function remembered(cookies, name) {
  const pair = cookies.split('; ').find((one) => one.startsWith(`${name}=1~`)) ?? ''
  const [, visitor = '', , , receipt = ''] = pair.split('~')
  return { visitor, receipt }
}

/**
 * @param {{url: string, site: string}} server
 * @param {string} visitor
 * @returns {(what: string) => Promise<OwnRecord>}
 */
export function openRecord({ url, site }, visitor) {
  return async (what) => {
    const answer = await fetch(`${url}/v1/sites/${site}/record`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ visitor, do: what }),
      credentials: 'omit',
    })
    if (!answer.ok) throw new Error(`the record was not given: ${answer.status}`)
    return answer.json()
  }
}

/**
 * Forget on this device what the server has erased; the next choice is somebody new's.
 *
 * @param {{cookie: string, domain?: string}} kept
 */
export function forget({ cookie, domain }) {
  const at = domain ? `; Domain=${domain}` : ''
  document.cookie = `${cookie}=; Max-Age=0; Path=/${at}`
  try {
    localStorage.removeItem('consent.unsent')
  } catch {
    // Forbidden: then nothing of ours is there either.
  }
}
