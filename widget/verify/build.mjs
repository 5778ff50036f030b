/**
 * Builds the page that checks a proof: one file that holds everything it needs, under a policy
 * that lets it reach nothing. The same sources give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const OUT = fileURLToPath(new URL('../../consent_server/static/verify/', import.meta.url))

const digest = (data, form) => createHash('sha256').update(data).digest(form)

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

const { outputFiles } = await build({
  absWorkingDir: HERE,
  entryPoints: ['src/page.js'],
  bundle: true,
  write: false,
  format: 'iife',
  target: 'es2022',
  charset: 'utf8',
  minify: true,
  legalComments: 'inline',
})
// What would end the element early is written in another way.
const script = outputFiles[0].text.trim().replaceAll('</', '<\\/')
const { code } = await transform(readFileSync(`${HERE}style.css`), {
  loader: 'css',
  minify: true,
  charset: 'utf8',
})
const style = code.trim()
const page = readFileSync(`${HERE}page.html`, 'utf8')
  .replace('__SCRIPT_HASH__', () => `sha256-${digest(script, 'base64')}`)
  .replace('__STYLE_HASH__', () => `sha256-${digest(style, 'base64')}`)
  .replace('__STYLE__', () => style)
  .replace('__SCRIPT__', () => script)

mkdirSync(OUT, { recursive: true })
writeFileSync(`${OUT}verify.html`, page)
const manifest = {
  sources: hashed.digest('hex'),
  script: `sha256-${digest(script, 'base64')}`,
  style: `sha256-${digest(style, 'base64')}`,
  page: digest(page, 'hex'),
}
writeFileSync(`${OUT}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
