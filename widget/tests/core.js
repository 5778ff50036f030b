/** A stand-in for the core: says what modules are told, and changes answers as a visitor would. */

/** Run a module on a page where these answers stand. */
export function run(module, settings, answers = {}, more = {}) {
  const listeners = []
  const claims = []
  const core = {
    nonce: '',
    api: {},
    granted: (slug) => answers[slug] === 'granted',
    answer: (slug) => answers[slug],
    on: (type, listener) => listeners.push([type, listener]),
    emit: (type, detail) =>
      listeners.filter(([one]) => one === type).forEach(([, heard]) => heard(detail)),
    claim: (selector, read) => claims.push([selector, read]),
    ...more,
  }

  /** What the purposes claimed for an element are; undefined when nobody claims it. */
  function claimed(element) {
    const [, read] = claims.find(([selector]) => element.matches(selector)) ?? []
    return read?.(element)
  }

  function choose(next) {
    answers = next
    core.emit('change', next)
  }

  module(core, settings)
  return { core, emit: core.emit, choose, claimed, api: core.api }
}
