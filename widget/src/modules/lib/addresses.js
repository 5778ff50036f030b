/**
 * Recognises addresses by host and path, as `consent_server/experience/catalogue/match.py`
 * does: the nearest host wins, then the longest path; of equal patterns the first stands.
 * `tests/experience/addresses.json` holds both to the same answers.
 *
 * @typedef {{service: string, purposes: string[]}} Known
 * @typedef {object} Finding
 * @property {(address: unknown) => Known | undefined} [find] once `recognise` has run
 * @property {(request: XMLHttpRequest, address: unknown) => void} [early] once the network
 *   guard has run: judges a request that was opened before
 *
 * @typedef {import('../../types.js').Core & Finding} Knowing a core that knows whose an
 *   address is
 */

/**
 * @param {string} services a line each: name, patterns and purposes between tabs, several of
 *   them between spaces
 * @returns {(address: URL) => Known | undefined}
 */
export function recogniser(services) {
  /** @type {Map<string, [string[], Known][]>} */
  const hosts = new Map()
  for (const line of services.split('\n')) {
    const [service = '', patterns = '', purposes = ''] = line.split('\t')
    // An empty purpose is granted to nobody: a service of which the organisation has said
    // nothing stays held.
    const known = { service, purposes: purposes.split(' ') }
    for (const pattern of patterns.split(' ')) {
      const [host = '', ...path] = pattern.split('/')
      hosts.set(host, [...(hosts.get(host) ?? []), [path, known]])
    }
  }
  for (const found of hosts.values()) found.sort(([a], [b]) => b.length - a.length)
  return ({ hostname, pathname }) => {
    const path = pathname.split('/').slice(1)
    let host = hostname.replace(/\.$/, '')
    while (host) {
      const found = hosts.get(host)?.find(([pattern]) => begins(path, pattern))
      if (found) return found[1]
      host = host.split('.').slice(1).join('.')
    }
    return undefined
  }
}

/**
 * @param {string[]} path
 * @param {string[]} pattern
 */
function begins(path, pattern) {
  return pattern.every((part, i) => i < path.length && (part === '*' || part === path[i]))
}
