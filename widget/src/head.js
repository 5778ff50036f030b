// @ts-nocheck
/* eslint-disable */
/**
 * The line in the head, as the page carries it: at most 700 bytes once built. Not part of
 * the banner's script.
 *
 *     <script data-hold="hotjar.com|www.google.com/maps">…</script>
 *
 * What the page's markup or its scripts ask of those hosts waits until the banner's script
 * takes over (`modules/head.js`), for good if that never comes. Its text is the same for every
 * site, so its hash is too: what differs stands in the attribute.
 *
 * `consentHead` lists what waits: the object, the method or property, the arguments, and
 * what settles the promise a caller was given; its `r` knows the hosts. Elements of the markup
 * carry their address in `data-held`: no script of the page has vouched for them. A request
 * remembers its address in `$w` from `open` to `send`.
 */
{
  let page = document,
    one = XMLHttpRequest.prototype,
    queue = (consentHead = []),
    known = (said) => queue.r.test(said?.url || said),
    patch = (
      name,
      owner,
      setter = owner.__lookupSetter__(name),
      own = setter || owner[name],
      instead = function (...given) {
        return (
          name == 'open' ? 0 & (this.$w = given.find(known)) : this.$w || given.some(known)
        )
          ? new Promise((settle) => queue.push([this, name, given, settle]))
          : own.apply(this, given)
      },
    ) => (setter ? owner.__defineSetter__(name, instead) : (owner[name] = instead))
  queue.r = RegExp(`^[^/]*//([^/]+[.])?(${page.currentScript.dataset.hold})\\b`)
  for (let kind of [HTMLScriptElement, HTMLIFrameElement, Image]) {
    patch('src', (kind = kind.prototype))
    patch('setAttribute', kind)
  }
  patch('open', one)
  patch('send', one)
  patch('fetch', self)
  patch('sendBeacon', navigator)
  // Put in its own place again a frame forgets the page it has begun to fetch.
  new MutationObserver((_) =>
    page
      .querySelectorAll('[src]')
      .forEach(
        (element) =>
          known((one = element.src)) &&
          (element.removeAttribute('src'),
          element.replaceWith(element),
          (element.dataset.held = one)),
      ),
  ).observe(page, { childList: 1, subtree: 1 })
}
