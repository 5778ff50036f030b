/**
 * While the banner covers the foot of the window, what the page focuses is scrolled to
 * above it (WCAG 2.4.11); the page's own foot too, which has nothing below to scroll by.
 *
 * @param {HTMLElement} region
 */
export function keepInSight(region) {
  const { style } = document.documentElement
  new ResizeObserver(() => {
    style.scrollPaddingBottom = style.paddingBottom = region.hidden
      ? ''
      : `${region.offsetHeight}px`
  }).observe(region)
}
