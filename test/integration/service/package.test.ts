import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { ROOT, runCommand } from './process.ts'

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
/** What a release is built from. */
const PARTS = [
  ...['src', 'dev', 'helm', 'docs', 'k8s'],
  ...['Dockerfile', 'README.md', 'LICENSE', 'CHANGELOG.md'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
]
const run = promisify(execFile)

let folder = ''
let built = ''
/** A folder of an author in which only the package is installed. */
let author = ''
let printed = ''

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onchain-consumer-package-'))
  // A copy: the build writes dist/, and other tests run at the same time.
  const project = join(folder, 'project')
  for (const part of PARTS) cpSync(join(ROOT, part), join(project, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(project, 'node_modules'))
  built = join(folder, 'release')
  const build = [join(project, 'dev/release/main.ts'), 'build', '--out', built]
  printed = (await run(process.execPath, build, { cwd: folder })).stdout

  // A registry would serve these; here they come from what is installed.
  const types = join(folder, 'types')
  mkdirSync(types)
  const needed = ['@types/node', 'undici-types'].map((name) => join(ROOT, 'node_modules', name))
  await run('npm', ['pack', ...needed, '--pack-destination', types], { cwd: types })
  author = join(folder, 'author')
  mkdirSync(author)
  const tarballs = [...filesIn(join(built, 'npm')), ...filesIn(types)]
  const flags = ['--offline', '--no-audit', '--no-fund']
  await run('npm', ['install', ...flags, ...tarballs], { cwd: author })
})

after(() => rm(folder, { recursive: true, force: true }))

function filesIn(path: string): string[] {
  return readdirSync(path).map((name) => join(path, name))
}

/** The installed command, started in another folder. */
function command(...args: readonly string[]) {
  return runCommand(args, {}, join(author, 'node_modules/.bin/onchain-consumer'))
}

test('a release is the package, the chart and the bill of materials, with checksums', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const names = [
    `chart/onchain-consumer-${version}.tgz`,
    `npm/onchain-consumer-${version}.tgz`,
    'sbom.cdx.json',
  ]
  const sums = readFileSync(join(built, 'SHA256SUMS'), 'utf8').trimEnd().split('\n')
  assert.deepEqual(
    sums,
    names.map((name) => {
      const digest = createHash('sha256')
        .update(readFileSync(join(built, name)))
        .digest('hex')
      return `${digest}  ${name}`
    }),
  )
  for (const name of names)
    assert.match(printed, new RegExp(`${name.replaceAll('.', '\\.')} +[\\d.]+ [kM]B`))
  const { components } = JSON.parse(readFileSync(join(built, 'sbom.cdx.json'), 'utf8'))
  const listed = components.map(({ name }: { name: string }) => name)
  assert.ok(listed.includes('kafkajs') && listed.includes('zod'))
  assert.ok(!listed.includes('typescript') && !listed.includes('esbuild'))
})

test('installing it brings its bundle and the types of Node, no source, no test, no other package', () => {
  const inside = readdirSync(join(author, 'node_modules')).filter((name) => !name.startsWith('.'))
  assert.deepEqual(inside.toSorted(), ['@types', 'onchain-consumer', 'undici-types'])
  const own = join(author, 'node_modules/onchain-consumer')
  assert.deepEqual(readdirSync(own).toSorted(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist',
    'package.json',
  ])
  const files = readdirSync(own, { recursive: true, encoding: 'utf8' })
  assert.deepEqual(
    files.filter((file) => /test|(?<!\.d)\.ts$/.test(file)),
    [],
  )
})

const HANDLER = `import { defineHandler, formatUnits } from 'onchain-consumer'

export default defineHandler({
  name: 'typed',
  async handle({ events, record }, { emit }) {
    for (const { id, amount } of events) {
      await emit('rows', { amount: formatUnits(amount ?? 0n, 9), bytes: record.value?.length }, { id })
    }
  },
})
`

test('a handler compiles in a folder with nothing but the package, strictly', async () => {
  await writeFile(join(author, 'handler.ts'), HANDLER)
  await writeFile(join(author, 'wrong.ts'), HANDLER.replaceAll('amount', 'amuont'))
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
  const compile = (file: string) =>
    run(process.execPath, [TSC, ...flags, '--ignoreConfig', file], { cwd: author })
  await compile('handler.ts')
  await assert.rejects(compile('wrong.ts'), (error) => /amuont/.test(String(Object(error).stdout)))
})

test('a new handler, its test and its samples work with the package, and compile', async () => {
  const created = await command('handler', 'new', 'whale', '--folder', author)
  assert.deepEqual([created.code, created.stderr], [0, ''])
  await run(process.execPath, ['--test', 'whale.test.ts'], { cwd: author })
  const flags = ['--noEmit', '--strict', '--allowImportingTsExtensions', '--module', 'nodenext']
  const args = [TSC, ...flags, '--target', 'es2024', '--ignoreConfig', 'whale.test.ts']
  await run(process.execPath, args, { cwd: author })
})

test('the command runs from any folder: handler test, and check with paths beside the configuration', async (t) => {
  const away = temporaryFolder(t)
  await writeFile(join(author, 'handler.ts'), HANDLER)
  const config =
    'kafka: { topics: [a], groupId: b }\nhandlers: [{ path: ./handler.ts }]\nsinks: { rows: { type: log } }\n'
  await writeFile(join(author, 'config.yaml'), config)
  await command('handler', 'new', 'sampled', '--folder', away)
  const sample = join(away, 'sampled.samples.ndjson')
  const configured = ['--config', join(author, 'config.yaml')]
  const handler = ['test', join(author, 'handler.ts'), '--sample', sample]
  const tried = await command('handler', ...handler, ...configured)
  assert.deepEqual([tried.code, tried.stderr], [0, ''])
  assert.match(tried.stdout, /3 records: 2 ok, 1 skip; 2 values emitted/)
  const checked = await command('check', '--offline', ...configured)
  assert.deepEqual([checked.code, checked.stderr], [0, ''])
  assert.match(checked.stdout, /Handlers: typed/)
})

test('a Node that is too old gets one line that says so', async (t) => {
  const old = join(temporaryFolder(t), 'old.mjs')
  await writeFile(
    old,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })",
  )
  const main = join(author, 'node_modules/onchain-consumer/dist/main.js')
  const failing = run(process.execPath, ['--import', old, main, 'version'])
  await assert.rejects(failing, (error) => {
    const { code, stderr } = Object(error)
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^onchain-consumer: Node 20\.20\.2 is too old: 22\.19 or newer is needed\. .*\n$/,
    )
    return true
  })
})
