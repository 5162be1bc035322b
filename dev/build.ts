import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

const [target = ''] = process.argv.slice(2)
if (target.startsWith('-')) {
  console.log(`Usage: node dev/build.ts [OUT]

Bundles src/ with all packages into OUT (default: dist): main.js, worker.js, public.js (imported by
handlers) and their shared chunks; and pg.js, for handlers alone. Neither the image nor the package needs node_modules.`)
  process.exit(target === '--help' || target === '-h' ? 0 : 2)
}
const root = join(import.meta.dirname, '..')
const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const out = target === '' ? join(root, 'dist') : resolve(target)

/** Modules of ours of which only names are left. */
const NAMES_ONLY: ReadonlySet<string> = new Set([
  'src/kubernetes/client/library.ts',
  'src/sink/postgres/driver.ts',
])

/**
 * The library's files have no side effects, but its package.json does not say so: this omits what
 * reads logs, copies files and the like. Its thousands of models stay, because all are needed.
 */
const withoutSideEffects: Plugin = {
  name: 'without side effects',
  setup({ onResolve, resolve: resolvePath }) {
    const filter = /^@kubernetes\/client-node$|^\.\/[a-z_-]+\.js$/
    onResolve({ filter }, async ({ path, pluginData, ...place }) => {
      const isInside = place.resolveDir.includes('/@kubernetes/client-node/')
      if (pluginData === 'again' || !(isInside || path.startsWith('@'))) return null
      const found = await resolvePath(path, { ...place, pluginData: 'again' })
      return { ...found, sideEffects: false }
    })
  },
}

/** Node reads the whole source map of what it loads: maps of packages would be most of it. */
const withoutMaps: Plugin = {
  name: 'no source maps of packages',
  setup({ onLoad }) {
    // Not those of @kubernetes, which are thousands: that chunk gets no map at all, below.
    onLoad({ filter: /\/node_modules\/(?:[^@]|@[^k]).*\.[cm]?js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      // A map of only the line after the last: esbuild ignores an empty one.
      const mappings = `${';'.repeat(text.split('\n').length)}AAAA`
      const map = JSON.stringify({ version: 3, sources: ['none'], mappings })
      const data = Buffer.from(map).toString('base64')
      return { contents: `${text}\n//# sourceMappingURL=data:application/json;base64,${data}` }
    })
  },
}

rmSync(out, { recursive: true, force: true })
const options = {
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // Of package.json, the oldest Node that is supported.
  target: engines.node.replace('>=', 'node'),
  // Beside their entries, which refer to `./worker.js` and `./public.js`.
  chunkNames: '[name]-[hash]',
  // For CommonJS packages.
  banner: {
    js: [
      "import { createRequire as requireOf } from 'node:module'",
      'const require = requireOf(import.meta.url)',
      'const __dirname = import.meta.dirname, __filename = import.meta.filename',
    ].join('\n'),
  },
  // Stack traces name src/ at run time, through --enable-source-maps.
  sourcemap: true,
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  sourcesContent: false,
  legalComments: 'none',
  // Faster drivers that pg uses if they are installed.
  external: ['pg-native'],
  metafile: true,
  plugins: [withoutSideEffects, withoutMaps],
} as const satisfies BuildOptions
const service = await build({
  ...options,
  entryPoints: {
    main: 'src/main.ts',
    worker: 'src/app/worker.ts',
    public: 'src/handle/api/public.ts',
  },
})
// Shares no chunk with the service, whose own copy a handler must not change.
const carried = await build({ ...options, entryPoints: { pg: 'src/sink/postgres/driver.ts' } })
const outputs = [service, carried].flatMap(({ metafile }) => Object.entries(metafile.outputs))

// Read at run time, from beside the code that reads it.
cpSync(join(root, 'src/sink/postgres/tables/sql'), join(out, 'sql'), { recursive: true })
cpSync(join(root, 'src/http/page/client'), join(out, 'client'), {
  recursive: true,
  filter: (path) => !path.endsWith('.json'),
})

// Without our own code not even a map: Node would keep the text again beside an empty map.
for (const [path, { inputs }] of outputs) {
  if (!path.endsWith('.js') || !Object.keys(inputs).every(isOfPackage)) continue
  const file = join(root, path)
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
  rmSync(`${file}.map`)
}
const used = outputs.flatMap(([, { inputs }]) =>
  Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
)
const packages = packagesIn(used.map(([path]) => path))
writeFileSync(join(out, 'LICENSES.txt'), packages.map(licenseOf).join('\n'))
writeFileSync(join(out, 'packages.json'), `${JSON.stringify(packages.map(nameOf), null, 2)}\n`)

function isOfPackage(path: string): boolean {
  return path.includes('node_modules/') || NAMES_ONLY.has(path)
}

/** Folders of the bundled packages, including nested ones. */
function packagesIn(paths: readonly string[]): string[] {
  const folders = paths.map((path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted()
}

function nameOf(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return `${name}@${version}`
}

/** Licenses must accompany what they cover. */
function licenseOf(folder: string): string {
  const { license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const texts = readdirSync(join(root, folder))
    .filter((file) => /^(?:licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8').trim())
  return [`${'='.repeat(79)}\n${nameOf(folder)} (${license})`, ...texts, ''].join('\n\n')
}
