/**
 * Builds what the server serves: the core, the modules a site may use, the words, and a
 * manifest of their hashes. The same sources give the same bytes.
 *
 * A property whose name ends in `_` is ours alone and gets a short name, the same in every
 * file: all are built in one go. The manifest tells the server those it writes itself.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build, transform } from 'esbuild'
import { minify } from 'terser'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const OUT = fileURLToPath(new URL('../consent_server/static/widget/', import.meta.url))
const LATER = '__CONSENT_LATER__'
// Every page of a site carries the line in its head.
const MOST_OF_HEAD = 700
const PLACES = ['__CONSENT_CONFIGURATION__', '__CONSENT_MODULES__']

const sha256 = (data) => createHash('sha256').update(data).digest('hex')

/** Every source, by name: what the manifest's `sources` covers. */
function sources() {
  const names = ['src', 'words'].flatMap((folder) =>
    readdirSync(HERE + folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `${entry.parentPath}/${entry.name}`.slice(HERE.length)),
  )
  return names.sort().map((name) => ({ name, bytes: readFileSync(HERE + name) }))
}

/** The names of the modules: each file directly in `src/modules/` is one. */
const modules = (files) =>
  files.flatMap(({ name }) => /^src\/modules\/([a-z_]+)\.js$/.exec(name)?.[1] ?? [])

/** A built ES module in two: its code, and the name of its default export in there. */
function exported(name, text) {
  const found = /^([^]*?)export\s*\{(\w+) as default\};?\s*$/.exec(text)
  if (!found) throw new Error(`${name} must export one thing, by default`)
  return { code: found[1].trim(), made: found[2] }
}

/** A built ES module as one expression: its default export. */
function asExpression(name, text) {
  const { code, made } = exported(name, text)
  return `(()=>{${code}return ${made}})()`
}

/**
 * The core with `later/` in it, as a function of its own: text until it is called. Not where it
 * is called: the browser would go through it once more with each function around it, on the
 * page's own thread. What it imports from the core it finds around it, by the same name.
 */
function within(core, later) {
  /** @type {[RegExp, string][]} */
  const names = []
  let alone = later.replace(/import\s*\{([^}]*)\}\s*from\s*"[^"]*";?/g, (_, imported) => {
    for (const one of imported.split(',')) {
      const [name, alias = name] = one.trim().split(' as ')
      if (!RegExp(`function ${name}\\(|\\b${name}=`).test(core))
        throw new Error(`the core has no ${name}`)
      names.push([RegExp(`\\b${alias}\\b`, 'g'), name])
    }
    return ''
  })
  for (const [alias, name] of names) alone = alone.replace(alias, name)
  const { code, made } = exported('later', alone)
  const apart = core.replace(`${LATER}(`, () => `/*@__NOINLINE__*/${LATER}(`)
  return `function ${LATER}(core,near){${code}return ${made}(core,near)}${apart}`
}

/**
 * Once more, with names given out so that the result compresses best; in ASCII, for one letter
 * beyond Latin-1 makes a browser keep a whole script in twice the memory.
 */
async function smallest(code, quotes = 0) {
  const { code: small = '' } = await minify(code, {
    ecma: 2020,
    compress: {
      passes: 3,
      unsafe: true,
      unsafe_arrows: true,
      // These two make no fewer bytes, and more of them alike.
      hoist_vars: true,
      pure_getters: true,
    },
    format: { quote_style: quotes, ascii_only: true },
  })
  return small
}

/** What `later/` imports from the core is not built into it a second time. */
const aroundLater = {
  name: 'around-later',
  setup({ onResolve }) {
    // No other part of the core asks for signals.
    onResolve({ filter: /^\.\.\// }, ({ importer, path }) =>
      /\/later\/\w+\.js$/.test(importer) && path !== '../signals.js'
        ? { path, external: true }
        : undefined,
    )
  },
}

/** The line in the head: it stands in pages as it is, so it has no wrapper and no newline. */
async function headLine() {
  const line = await smallest(readFileSync(`${HERE}src/head.js`, 'utf8'), 3)
  if (line.length > MOST_OF_HEAD)
    throw new Error(`the line in the head has ${line.length} bytes`)
  return line
}

/** A style sheet imported as text: `import CSS from './style.css?inline'`. */
const styleAsText = {
  name: 'style-as-text',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.css\?inline$/ }, ({ path, resolveDir }) => ({
      path: `${resolveDir}/${path.replace(/\?inline$/, '')}`,
      namespace: 'style',
    }))
    onLoad({ filter: /./, namespace: 'style' }, async ({ path }) => {
      const { code } = await transform(readFileSync(path), {
        loader: 'css',
        minify: true,
        charset: 'utf8',
      })
      return { contents: code.trim(), loader: 'text' }
    })
  },
}

async function compile(names) {
  const { outputFiles, mangleCache, metafile } = await build({
    metafile: true,
    absWorkingDir: HERE,
    entryPoints: [
      'src/index.js',
      'src/later/index.js',
      'src/declaration.js',
      ...names.map((name) => `src/modules/${name}.js`),
    ],
    outdir: '/built',
    outbase: 'src',
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2021',
    charset: 'utf8',
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    mangleProps: /[^_]_$/,
    mangleQuoted: false,
    mangleCache: {},
    plugins: [styleAsText, aroundLater],
  })
  const text = (path) => outputFiles.find((file) => file.path.endsWith(path)).text.trim()
  const core = within(text('/built/index.js'), text('/later/index.js'))
  for (const place of PLACES)
    if (core.split(place).length !== 2) throw new Error(`the core must name ${place} once`)
  const built = { 'core.js': await smallest(`(()=>{${core}})()`) }
  for (const name of ['declaration', ...names.map((one) => `modules/${one}`)]) {
    const expression = asExpression(name, text(`/${name}.js`))
    // As an assignment: an expression that nobody uses would be dropped.
    built[`${name}.js`] = (await smallest(`x=${expression}`)).replace(/^x=|;$/g, '')
  }
  built['head.js'] = await headLine()
  return { built, names: mangleCache, uses: namesUsed(metafile, mangleCache) }
}

/** Which of the shortened names each built file asks for: the server puts in no others. */
function namesUsed({ outputs }, names) {
  return Object.fromEntries(
    Object.entries(outputs).map(([path, { inputs }]) => {
      const paths = Object.keys(inputs).filter((input) => input.startsWith('src/'))
      const texts = paths.map((input) => readFileSync(HERE + input, 'utf8'))
      const found = new Set(texts.join().match(/\b[a-z]\w*_\b/g))
      const name = path
        .replace(/^.*\/built\//, '')
        .replace('later/index.js', 'later.js')
        .replace(/^index.js$/, 'core.js')
      return [name, Object.keys(names).filter((one) => found.has(one))]
    }),
  )
}

const files = sources()
const sourcesHash = sha256(
  Buffer.concat(
    files.flatMap(({ name, bytes }) => [Buffer.from(`${name}\0`), bytes, Buffer.from('\0')]),
  ),
)
const { built, names, uses } = await compile(modules(files))
for (const { name, bytes } of files.filter((file) => file.name.startsWith('words/')))
  built[name] = bytes
built['consent.d.ts'] = files.find((file) => file.name === 'src/consent.d.ts').bytes

rmSync(OUT, { recursive: true, force: true })
const manifest = { sources: sourcesHash, names, uses, files: {} }
for (const [name, bytes] of Object.entries(built)) {
  mkdirSync(OUT + name.split('/').slice(0, -1).join('/'), { recursive: true })
  writeFileSync(OUT + name, bytes)
  manifest.files[name] = sha256(bytes)
}
writeFileSync(`${OUT}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`)
