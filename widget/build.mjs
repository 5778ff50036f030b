/**
 * Builds what the server serves: one script, the words, and a manifest of their hashes.
 * The same sources give the same bytes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const OUT = fileURLToPath(new URL('../consent_server/static/widget/', import.meta.url))
const PLACE = '__CONSENT_CONFIGURATION__'

const sha256 = (data) => createHash('sha256').update(data).digest('hex')

/** Every source, by name: what the manifest's `sources` covers. */
function sources() {
  const folders = ['src', 'words']
  const names = folders.flatMap((folder) =>
    readdirSync(HERE + folder).map((name) => `${folder}/${name}`),
  )
  return names.sort().map((name) => ({ name, bytes: readFileSync(HERE + name) }))
}

const files = sources()
const sourcesHash = sha256(
  Buffer.concat(
    files.flatMap(({ name, bytes }) => [Buffer.from(`${name}\0`), bytes, Buffer.from('\0')]),
  ),
)
const { outputFiles } = await build({
  absWorkingDir: HERE,
  entryPoints: ['src/index.js'],
  bundle: true,
  write: false,
  format: 'iife',
  target: 'es2021',
  charset: 'utf8',
  minify: true,
  legalComments: 'none',
  banner: {
    js: `/* Consent Server banner, Apache-2.0, sources ${sourcesHash.slice(0, 16)} */`,
  },
})
const script = outputFiles[0].text
if (script.split(PLACE).length !== 2)
  throw new Error(`the script must name ${PLACE} exactly once`)

rmSync(OUT, { recursive: true, force: true })
mkdirSync(`${OUT}words`, { recursive: true })
writeFileSync(`${OUT}consent.js`, script)
const manifest = { sources: sourcesHash, 'consent.js': sha256(script) }
for (const { name, bytes } of files.filter((file) => file.name.startsWith('words/'))) {
  writeFileSync(OUT + name, bytes)
  manifest[name] = sha256(bytes)
}
writeFileSync(`${OUT}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
