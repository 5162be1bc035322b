import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { copyProject } from '../../../support/project-copy.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { ROOT, runCommand } from '../process.ts'

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const run = promisify(execFile)

let folder = ''
/** A folder of an author in which only the package is installed. */
let author = ''

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onchain-consumer-package-'))
  const project = join(folder, 'project')
  copyProject(project)
  const tarballs = join(folder, 'tarballs')
  mkdirSync(tarballs)
  // A registry would serve the types; here they come from what is installed.
  const types = ['@types/node', 'undici-types'].map((name) => join(ROOT, 'node_modules', name))
  await run('npm', ['pack', project, ...types, '--pack-destination', tarballs], { cwd: folder })
  author = join(folder, 'author')
  mkdirSync(author)
  const files = readdirSync(tarballs).map((name) => join(tarballs, name))
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...files], { cwd: author })
})

after(() => rm(folder, { recursive: true, force: true }))

/** The installed command, started in another folder. */
function command(...args: readonly string[]) {
  return runCommand(args, {}, join(author, 'node_modules/.bin/onchain-consumer'))
}

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
