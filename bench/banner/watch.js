/* Put into the page before anything else when moments are measured, never when costs are. */
;(() => {
  const { banner } = __WATCHED__
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
  addEventListener('click', ({ timeStamp }) => (seen.clicked ??= timeStamp), true)
  const look = (now) => {
    seen.frame = now
    const there = isSeen(__find(banner))
    if (there && seen.painted === null) afterFrame('painted')
    if (seen.clicked !== null && seen.gone === null) {
      seen.frames += 1
      if (!there) afterFrame('gone')
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()
