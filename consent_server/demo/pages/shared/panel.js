// Shows what happens on this page, so that a person and a test see the same thing:
// a lamp for each stand-in that has run, and the cookies that are there now.
(() => {
  const fired = new Set()

  const light = (purpose) => {
    document.documentElement.dataset.fired = [...fired.add(purpose)].join(' ')
    show()
  }

  const show = () => {
    for (const purpose of fired)
      document.querySelector(`[data-lamp="${purpose}"]`)?.classList.add('lit')
    const jar = document.querySelector('[data-jar]')
    // A stand-in in the head may run before the panel is there to show it.
    if (!jar) return
    const names = document.cookie.split('; ').map((pair) => pair.split('=', 1)[0])
    const said = names.filter(Boolean).sort()
    const words = said.map((name) => (name === 'consent' ? `${name} (${jar.dataset.own})` : name))
    const text = words.join(', ') || jar.dataset.none
    if (jar.textContent !== text) jar.textContent = text
  }

  // A load event does not bubble, yet it passes here on its way down.
  document.addEventListener('load', ({ target }) => {
    if (target.matches?.('[data-purpose][src]')) light(target.dataset.purpose)
  }, true)

  document.addEventListener('DOMContentLoaded', show)
  // Not every browser tells when a cookie comes or goes.
  setInterval(show, 500)
})()
