/** The visitor's browser does not let this page keep anything. */
export class StorageRefusedError extends Error {
  /** @param {unknown} cause */
  constructor(cause) {
    super('this browser refuses storage; the choice counts for this page only', { cause })
    // Minifiers mangle class names; the name is what a listener can rely on.
    this.name = 'StorageRefusedError'
  }
}

/** The server did not take a decision and would not take it later either. */
export class DecisionRefusedError extends Error {
  /**
   * @param {number} status
   * @param {string} [code]
   */
  constructor(status, code = '') {
    super(`the server refused a decision: ${status} ${code}`)
    this.name = 'DecisionRefusedError'
  }
}

/** A marked element was left alone because activating it would not be safe. */
export class UnsafeElementError extends Error {
  /** @param {string} why */
  constructor(why) {
    super(`a marked element stays blocked: ${why}`)
    this.name = 'UnsafeElementError'
  }
}
