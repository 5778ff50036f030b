/**
 * Add to the style of a shadow root of ours; not a `style` element, which strict pages forbid.
 *
 * @param {ShadowRoot} root
 * @param {string} css
 */
export function wear(root, css) {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
}
