import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'node:test'

const source = join(import.meta.dirname, '../../src')

/** Every package of the service, and the one room that may import it; docs/design.md says why. */
const reserved: Record<string, string> = {
  kafkajs: 'broker',
  snappyjs: 'broker',
  lz4js: 'decode',
  '@kubernetes/client-node': 'kubernetes',
  fastify: 'http',
  'prom-client': 'observe',
  pino: 'observe',
  yaml: 'config',
  zod: 'config',
  pg: 'sink',
}

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

test('a room imports itself, kernel/, and only the types of other rooms', () => {
  const wrong: string[] = []
  for (const file of files.filter((file) => !joiners(file))) {
    for (const { typeOnly, target } of importsOf(file)) {
      if (!target.startsWith('.')) continue
      const resolved = relative(source, join(source, file, '..', target))
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
    .filter(({ target }) => !target.startsWith('./') && !target.startsWith('node:'))
  assert.deepEqual(wrong, [])
})

test('only the files at the top of src and cli/ join rooms, and nothing imports them back', () => {
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
  const { dependencies } = JSON.parse(readFileSync(join(source, '../package.json'), 'utf8'))
  assert.deepEqual(Object.keys(reserved).toSorted(), Object.keys(dependencies).toSorted())
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
