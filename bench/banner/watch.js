/* Put into the page before anything else when moments are measured, never when costs are. */
;(() => {
  const { banner, drawing } = __WATCHED__
  const seen = { frame: 0, painted: null, pressed: null, clicked: null, gone: null, frames: 0, shift: 0 }
  window.__seen = seen
  window.__find = (path) => {
    let found = document
    for (const step of path.split(' >>> ')) found = (found?.shadowRoot ?? found)?.querySelector(step)
    return found
  }
  // What was decided in a frame is on the screen when the frame is over.
  const afterFrame = (name) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => (seen[name] ??= performance.now())
    port2.postMessage(0)
  }
  const isSeen = (element) => {
    if (!element?.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false
    const { width, height, top, bottom } = element.getBoundingClientRect()
    return width * height > 0 && top < innerHeight && bottom > 0
  }
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) seen.shift += value
  }).observe({ type: 'layout-shift', buffered: true })
  addEventListener('mousedown', ({ timeStamp }) => (seen.pressed ??= timeStamp), true)
  const click = ({ timeStamp }) => {
    seen.clicked ??= timeStamp
    if (!drawing) requestAnimationFrame(look)
  }
  addEventListener('click', click, true)
  const look = (now) => {
    seen.frame = now
    const there = isSeen(__find(banner))
    if (there && seen.painted === null) afterFrame('painted')
    if (seen.clicked !== null && seen.gone === null) {
      seen.frames += 1
      if (!there) afterFrame('gone')
    }
    // Whoever asks for the next frame all the time has the browser begin one sixty times a
    // second, and a click waits for its turn. A page at rest is answered with a frame at once.
    const over = seen.clicked === null ? there : !there
    if (drawing || !over) requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()
