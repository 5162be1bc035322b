import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'node:test'
import { servicePackages as reserved } from '../support/service-packages.ts'

const source = join(import.meta.dirname, '../../src')

/** These join the rooms, so they may import any of them. */
const joiners = (file: string) =>
  file === 'main.ts' || file.startsWith('app/') || file.startsWith('cli/')

interface Import {
  readonly file: string
  readonly typeOnly: boolean
  readonly isDynamic: boolean
  readonly target: string
}

function* importsOf(file: string): Generator<Import> {
  const text = readFileSync(join(source, file), 'utf8')
  const statement =
    /^\s*(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm
  for (const match of text.matchAll(statement)) {
    yield {
      file,
      typeOnly: match[1] !== undefined,
      isDynamic: match[4] !== undefined,
      target: match[2] ?? match[3] ?? match[4] ?? '',
    }
  }
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)
const room = (file: string) => file.split('/')[0] ?? ''

/** A path within src/ for what a file there imports by a relative one. */
const fromSource = (file: string, target: string) =>
  relative(source, join(source, file, '..', target))

test('a room imports itself, kernel/, and only the types of other rooms', () => {
  const wrong: string[] = []
  for (const file of files.filter((file) => !joiners(file))) {
    for (const { typeOnly, target } of importsOf(file)) {
      if (!target.startsWith('.')) continue
      const resolved = fromSource(file, target)
      if (room(resolved) === room(file) || typeOnly) continue
      if (room(resolved) !== 'kernel') wrong.push(`${file} imports ${resolved}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('kernel/ imports nothing but itself and Node', () => {
  const wrong = files
    .filter((file) => room(file) === 'kernel')
    .flatMap((file) => [...importsOf(file)])
    .filter(({ file, target }) =>
      target.startsWith('.')
        ? room(fromSource(file, target)) !== 'kernel'
        : !target.startsWith('node:'),
    )
  assert.deepEqual(wrong, [])
})

/** Of observe/, the tables of counters stand beside the metrics that read the meters made of them. */
const circular = ['observe']

test('files import each other in one direction, types included', () => {
  const left = new Map<string, readonly string[]>()
  for (const file of files.filter((file) => !circular.includes(room(file)))) {
    const own = [...importsOf(file)].filter(({ target }) => target.startsWith('.'))
    left.set(
      file,
      own.map(({ target }) => fromSource(file, target)),
    )
  }
  // A file that imports none of the others, or that none of them imports, is in no circle.
  for (let before = -1; before !== left.size; ) {
    before = left.size
    const imported = new Set([...left.values()].flat())
    for (const [file, own] of left) {
      if (!imported.has(file) || !own.some((target) => left.has(target))) left.delete(file)
    }
  }
  assert.deepEqual([...left.keys()], [])
})

test('only app/, cli/ and main.ts join rooms, and nothing imports them back', () => {
  const wrong: string[] = []
  for (const file of files.filter((file) => !joiners(file))) {
    for (const { target } of importsOf(file)) {
      if (!target.startsWith('.')) continue
      const resolved = relative(source, join(source, file, '..', target))
      if (joiners(resolved)) wrong.push(`${file} imports ${resolved}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('each package of the service has a room, and its reason in docs/design.md', () => {
  const imported = files
    .flatMap((file) => [...importsOf(file)])
    .map(({ target }) => /^(?:@[^/]+\/)?[^./@][^/:]*(?=\/|$)/.exec(target)?.[0])
    .filter((name) => name !== undefined && name !== 'onchain-consumer')
  assert.deepEqual([...new Set(imported)].toSorted(), Object.keys(reserved).toSorted())
  const design = readFileSync(join(source, '../docs/design.md'), 'utf8')
  for (const [name, owner] of Object.entries(reserved)) {
    const row = design.split('\n').find((line) => line.startsWith(`| \`${name}\``))
    assert.ok(row?.includes(`\`${owner}/\``), `${name} in ${owner}/: ${row}`)
  }
})

test('the Kubernetes library is behind one module, which is imported when it is needed', () => {
  const early = files
    .filter((file) => file !== 'kubernetes/client/library.ts')
    .flatMap((file) => [...importsOf(file)])
    .filter(({ typeOnly, isDynamic }) => !typeOnly && !isDynamic)
    .filter(({ target }) => target === '@kubernetes/client-node' || target === './library.ts')
  assert.deepEqual(early, [])
})

test('a package is imported by its room only', () => {
  const wrong: string[] = []
  for (const file of files) {
    for (const { target } of importsOf(file)) {
      const owner = Object.entries(reserved).find(
        ([name]) => target === name || target.startsWith(`${name}/`),
      )?.[1]
      if (owner !== undefined && room(file) !== owner) wrong.push(`${file} imports ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

/** A table of docs/design.md with a column of paths: its head names their folder, as in `src/flow/`. */
interface MapTable {
  readonly folder: string
  readonly paths: readonly string[]
}

function readMaps(): MapTable[] {
  const maps: Array<{ folder: string; paths: string[] }> = []
  let column = -1
  for (const line of readFileSync(join(source, '../docs/design.md'), 'utf8').split('\n')) {
    const cells = line.startsWith('|') ? line.split('|') : []
    if (cells.length === 0) column = -1
    const code = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? '')
    const head = cells.findIndex((cell) => code(cell)[0]?.startsWith('src/'))
    if (column >= 0) maps.at(-1)?.paths.push(...code(cells[column]))
    else if (head >= 0) {
      column = head
      maps.push({ folder: (code(cells[head])[0] ?? '').slice('src/'.length), paths: [] })
    }
  }
  return maps
}

const maps = readMaps()
const rooms = readdirSync(source).map((name) => (name.endsWith('.ts') ? name : `${name}/`))

test('every path in the tables of docs/design.md exists', () => {
  assert.ok(maps.length > rooms.length)
  const missing = maps.flatMap(({ folder, paths }) =>
    paths
      .map((path) => `${folder}${path}`)
      .filter((path) => !existsSync(join(source, path)) && !files.includes(`${path}.ts`)),
  )
  assert.deepEqual(missing, [])
})

test('docs/design.md has every room, and its map every file of a room', () => {
  const named = maps.filter(({ folder }) => folder === '').flatMap(({ paths }) => paths)
  assert.deepEqual(
    rooms.filter((name) => !named.includes(name)),
    [],
  )
  const mapped = maps
    .filter(({ folder }) => folder !== '')
    .flatMap(({ folder, paths }) => paths.map((path) => `${folder}${path}`))
  const unmapped = files
    .filter((file) => file.includes('/'))
    .filter((file) => {
      const isNamed = mapped.includes(file.replace(/\.ts$/, ''))
      return !isNamed && !mapped.some((path) => path.endsWith('/') && file.startsWith(path))
    })
  assert.deepEqual(unmapped, [])
})
