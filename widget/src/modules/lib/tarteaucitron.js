/**
 * The ten services most used with tarteaucitron: what each prepares on the page, and the
 * address of its script. The names of the settings are tarteaucitron's own.
 */

/**
 * @typedef {Record<string, any>} User what the page put into `tarteaucitron.user`
 * @typedef {Record<string, any>} Page the window
 */

/**
 * Players, by the class of their place: what to call them, and the address before the
 * video's id.
 *
 * @type {Record<string, [string, string]>}
 */
export const FRAMES = {
  youtube: ['YouTube', 'https://www.youtube-nocookie.com/embed/'],
  vimeo: ['Vimeo', 'https://player.vimeo.com/video/'],
  dailymotion: ['Dailymotion', 'https://www.dailymotion.com/embed/video/'],
}

/**
 * @param {Page} page
 * @param {unknown} id
 * @param {unknown} [domain]
 */
function google(page, id, domain) {
  const layer = (page['dataLayer'] ||= [])
  // Google's tags know a command by its type: an `arguments` object, never an array.
  page['gtag'] ||= function () {
    layer.push(arguments)
  }
  page['gtag']('js', new Date())
  page['gtag']('config', id)
  return `https://${domain || 'www.googletagmanager.com'}/gtag/js?id=${text(id)}`
}

/** @type {Record<string, (user: User, page: Page) => string | undefined>} */
export const SERVICES = {
  gtag: ({ gtagUa, gtagCustomDomain }, page) =>
    gtagUa && google(page, gtagUa, gtagCustomDomain),

  googleads: ({ googleadsId, googleadsCustomDomain }, page) =>
    googleadsId && google(page, googleadsId, googleadsCustomDomain),

  googletagmanager({ googletagmanagerId: id, googletagmanagerCustomDomain: domain }, page) {
    if (!id) return undefined
    ;(page['dataLayer'] ||= []).push({ 'gtm.start': Date.now(), event: 'gtm.js' })
    return `https://${domain || 'www.googletagmanager.com'}/gtm.js?id=${text(id)}`
  },

  facebookpixel({ facebookpixelId: id }, page) {
    if (!id || page['fbq']) return undefined
    /** @type {any} */
    const fbq = (/** @type {unknown[]} */ ...words) =>
      fbq.callMethod ? fbq.callMethod(...words) : fbq.queue.push(words)
    page['fbq'] = page['_fbq'] = fbq
    Object.assign(fbq, { push: fbq, loaded: true, version: '2.0' })
    fbq.queue = []
    fbq('init', id)
    fbq('track', 'PageView')
    return 'https://connect.facebook.net/en_US/fbevents.js'
  },

  matomo({ matomoId: id, matomoHost: host }, page) {
    if (!id || !host) return undefined
    const queue = (page['_paq'] ||= [])
    queue.push(['setSiteId', id], ['setTrackerUrl', `${host}matomo.php`])
    queue.push(['trackPageView'], ['enableLinkTracking'])
    return `${host}matomo.js`
  },

  clarity({ clarity: id }, page) {
    if (!id) return undefined
    page['clarity'] ||= function () {
      ;(page['clarity'].q ||= []).push(arguments)
    }
    return `https://www.clarity.ms/tag/${text(id)}`
  },

  hotjar({ hotjarId: id, HotjarSv: version }, page) {
    if (!id || !version) return undefined
    page['hj'] ||= function () {
      ;(page['hj'].q ||= []).push(arguments)
    }
    page['_hjSettings'] = { hjid: id, hjsv: version }
    return `https://static.hotjar.com/c/hotjar-${text(id)}.js?sv=${text(version)}`
  },
}

/** @param {unknown} value for a part of an address */
function text(value) {
  return encodeURIComponent(String(value))
}
