// Shows what happens on this page, so that a person and a test see the same thing:
// a lamp for each stand-in that has run, and the cookies that are there now.
(() => {
  const jar = document.querySelector('[data-jar]')

  const light = (purpose) => {
    const fired = new Set((document.documentElement.dataset.fired ?? '').split(' '))
    document.documentElement.dataset.fired = [...fired.add(purpose)].join(' ').trim()
    document.querySelector(`[data-lamp="${purpose}"]`)?.classList.add('lit')
    show()
  }

  const show = () => {
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

  show()
  // Not every browser tells when a cookie comes or goes.
  setInterval(show, 500)
})()
