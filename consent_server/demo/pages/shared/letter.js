// Fetches what answers the sign-up form in its place, once somebody is at the form. Any page may
// have that one line in its head instead; this one asks our server for the banner alone until then.
(() => {
  const { script } = document.currentScript.dataset
  const rules = { createScriptURL: () => script }
  const policy = self.trustedTypes?.createPolicy('letter', rules) ?? rules
  const fetchIt = () => {
    const better = document.createElement('script')
    better.src = policy.createScriptURL('')
    document.head.append(better)
  }
  document.querySelector('.letter form').addEventListener('focusin', fetchIt, { once: true })
})()
