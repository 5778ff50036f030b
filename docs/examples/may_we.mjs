// Ask from JavaScript (Node 18 or newer, nothing to install) whether somebody may be contacted.
//
//     node may_we.mjs someone@example.org newsletter

export async function mayWe(subject, purpose, {server, key, timeout = 5000} = {}) {
  const no = (trouble) => ({allowed: false, because: 'unavailable', trouble});
  try {
    const answer = await fetch(`${server}/v1/permissions`, {
      method: 'POST',
      headers: {'Authorization': `Bearer ${key}`, 'Content-Type': 'application/json'},
      body: JSON.stringify({subject, purpose}),
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
    if (!answer.ok) return no(`the server answered ${answer.status}`);
    const said = await answer.json();
    // Only a plain true is a yes.
    return typeof said.allowed === 'boolean' ? said : no('the answer cannot be read');
  } catch (error) {
    return no(error.name);
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [email, purpose] = process.argv.slice(2);
  const {CONSENT_SERVER: server, CONSENT_KEY: key} = process.env;
  const may = await mayWe({email}, purpose, {server, key});
  console.log(may.allowed === true ? 'yes' : `no: ${may.because}`);
}
