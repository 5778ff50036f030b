// Stands in for an audience script: it marks the visitor, as the real ones do.
(() => {
  for (const [name, seconds] of {{ cookies | tojson }}) {
    const known = document.cookie.split('; ').some((pair) => pair.startsWith(`${name}=`))
    if (!known) document.cookie = `${name}=${Date.now().toString(36)}; Max-Age=${seconds}; Path=/; SameSite=Lax`
  }
})()
