/**
 * Builds the script that betters a sign-up form, once for each language: `fr.js`, `en.js` and so
 * on. The same sources give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const OUT = fileURLToPath(new URL('../../consent_server/static/signup/', import.meta.url))

const digest = (data) => createHash('sha256').update(data).digest('hex')

const sources = readdirSync(HERE, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.replace('//', '/').slice(HERE.length))
  .sort()
const hashed = createHash('sha256')
for (const name of sources)
  hashed
    .update(`${name}\0`)
    .update(readFileSync(HERE + name))
    .update('\0')

rmSync(OUT, { recursive: true, force: true })
mkdirSync(OUT, { recursive: true })
const manifest = { sources: hashed.digest('hex'), files: {} }
for (const name of sources.filter((each) => each.startsWith('words/'))) {
  const lang = name.slice('words/'.length, -'.json'.length)
  const words = JSON.parse(readFileSync(HERE + name, 'utf8'))
  const { outputFiles } = await build({
    absWorkingDir: HERE,
    entryPoints: ['src/form.js'],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2021',
    // A page in another encoding than ours reads it too.
    charset: 'ascii',
    minify: true,
    define: { __SIGNUP_WORDS__: JSON.stringify({ lang, ...words }) },
  })
  const script = outputFiles[0].text
  writeFileSync(`${OUT}${lang}.js`, script)
  manifest.files[`${lang}.js`] = digest(script)
}
writeFileSync(`${OUT}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
