/** The file does not prove what it claims: why, and where. */
export class Refused extends Error {
  /**
   * @param {string} code
   * @param {Place} [place]
   * @param {Record<string, unknown>} [details]
   */
  constructor(code, place = {}, details = {}) {
    super(code)
    this.code = code
    this.place = place
    this.details = details
  }
}

/** @typedef {{ field?: string, line?: number, byte?: number }} Place */
