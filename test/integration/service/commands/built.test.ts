import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { startPostgres } from '../../../../dev/postgres/embedded-postgres.ts'
import { bundledNames, servicePackages } from '../../../support/service-packages.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { ROOT, runCommand, startService } from '../process.ts'

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
let folder = ''
let main = ''

before(async () => {
  // Laid out as in the image, where no node_modules is near.
  folder = await mkdtemp(join(tmpdir(), 'onchain-consumer-built-'))
  await copyFile(join(ROOT, 'package.json'), join(folder, 'package.json'))
  const outDir = join(folder, 'dist')
  main = join(outDir, 'main.js')
  const run = promisify(execFile)
  await run(process.execPath, [join(ROOT, 'dev/build.ts'), outDir])
  const args = [TSC, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', join(outDir, 'types')]
  await run(process.execPath, args)
})

after(() => rm(folder, { recursive: true, force: true }))

test('the built form prints its version', async () => {
  const { code, stdout, stderr } = await runCommand(['version'], {}, main)
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /^onchain-consumer \d+\.\d+\.\d+ \(Node v\d+/)
})

test('the built form checks a configuration without connecting', async () => {
  const env = { KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b' }
  const { code, stdout, stderr } = await runCommand(['check', '--offline'], env, main)
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /The configuration is valid\. No connections were made\./)
})

test('all of it is bundled: of each package of the service a part, and no other but what these need', async () => {
  const bundled: string[] = JSON.parse(await readFile(join(folder, 'dist/packages.json'), 'utf8'))
  const names = bundled.map((each) => each.slice(0, each.lastIndexOf('@')))
  for (const name of bundledNames) assert.ok(names.includes(name), name)
  const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
  const needed = new Set(closureOf(Object.keys(servicePackages), packages))
  assert.deepEqual(
    bundled.filter((each) => !needed.has(each)),
    [],
  )
})

/** An entry of `packages` in package-lock.json. */
interface Locked {
  readonly version: string
  /** Of the package, where it is installed under another. */
  readonly name?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** `name@version` of the packages and of all that they need, found where Node would find it. */
function closureOf(names: readonly string[], locked: Readonly<Record<string, Locked>>): string[] {
  const visited = new Map<string, string>()
  function visit(name: string, from: string): void {
    const places = from
      .split('/node_modules/')
      .map((_, depth, parts) =>
        [...parts.slice(0, parts.length - depth), name].join('/node_modules/'),
      )
    const place = [...places, `node_modules/${name}`].find((path) => locked[path] !== undefined)
    const entry = place === undefined ? undefined : locked[place]
    // Optional ones may be missing.
    if (place === undefined || entry === undefined || visited.has(place)) return
    visited.set(place, `${entry.name ?? name}@${entry.version}`)
    const { dependencies, optionalDependencies, peerDependencies } = entry
    const needs = { ...dependencies, ...optionalDependencies, ...peerDependencies }
    for (const other of Object.keys(needs)) visit(other, place)
  }
  for (const name of names) visit(name, 'node_modules')
  return [...visited.values()]
}

test('a stack trace of the built form names our files', async () => {
  const program = `
    import { formatUnits } from ${JSON.stringify(join(folder, 'dist/public.js'))}
    try { formatUnits(null, 6) } catch (error) { console.log(error.stack) }
  `
  const flags = ['--enable-source-maps', '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, flags)
  assert.match(stdout, /at formatUnits \(.*\/src\/kernel\/amounts\.ts:\d+:\d+\)/)
})

test('the built form starts worker threads', async (t) => {
  const away = temporaryFolder(t)
  await writeFile(
    join(away, 'handler.mjs'),
    "export default { name: 'idle', handle() {}, open: ({ log }) => log.info({ event: 'opened' }, 'here') }",
  )
  const config = join(away, 'config.yaml')
  const handlers = [{ path: join(away, 'handler.mjs') }]
  await writeFile(config, JSON.stringify({ handlers, processing: { workers: 1 } }))
  const env = { KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' }
  const service = startService(t, env, ['--config', config], away, main)
  await service.logged(({ event }) => event === 'opened', 'a thread has opened its handlers')
  assert.equal((await service.end()).code, 0)
})

test('the built form knows by its stack an error of a handler whose origin is lost', async (t) => {
  const away = temporaryFolder(t)
  // Listened to before any handler is loaded, so that its listeners run in no handler's context.
  await writeFile(join(away, 'before.mjs'), "process.on('SIGUSR2', () => {})")
  await writeFile(
    join(away, 'handler.mjs'),
    `process.on('SIGUSR2', () => { throw new Error('lost') })
    export default { name: 'loser', handle() {}, open: ({ log }) => log.info({ event: 'opened' }, 'here') }`,
  )
  const config = join(away, 'config.yaml')
  await writeFile(config, JSON.stringify({ handlers: [{ path: join(away, 'handler.mjs') }] }))
  const env = {
    ...{ KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' },
    NODE_OPTIONS: `--import ${join(away, 'before.mjs')}`,
  }
  const service = startService(t, env, ['--config', config], away, main)
  await service.logged(({ event }) => event === 'opened', 'the handlers are opened')
  service.process.kill('SIGUSR2')
  const { handler, kind } = await service.logged(
    ({ event }) => event === 'handler.stray-error',
    'the error is logged',
  )
  assert.deepEqual([handler, kind], ['loser', 'exception'])
  assert.equal((await service.end()).code, 0)
})

test('a handler of a folder without node_modules uses pg and the rate limiter that the built form carries', async (t) => {
  const postgres = await startPostgres()
  t.after(() => postgres.close())
  const away = temporaryFolder(t)
  await writeFile(
    join(away, 'rows.ts'),
    `import { createRateLimiter, defineHandler } from 'onchain-consumer'
import pg, { Pool, types } from 'pg'
// Not the service's own: its letters read this type.
types.setTypeParser(1184, () => 'changed')
const limiter = createRateLimiter(1000)
let pool: Pool
export default defineHandler({
  name: 'rows',
  async open({ options }) {
    pool = new pg.Pool({ connectionString: String(options['url']) })
    await limiter.turn(AbortSignal.timeout(30_000))
    await pool.query("create table written as select 'by rows.ts' as text")
  },
  close: () => pool.end(),
  handle() {},
})
`,
  )
  await writeFile(
    join(away, 'common.js'),
    "const { Client } = require('pg')\nmodule.exports = { name: 'common', handle() { new Client() } }",
  )
  const checked = async (url: string) => {
    const handlers = [
      { path: join(away, 'rows.ts'), options: { url } },
      { path: join(away, 'common.js') },
    ]
    const config = join(away, 'config.yaml')
    await writeFile(config, JSON.stringify({ handlers }))
    const env = { KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' }
    return runCommand(['check', '--config', config], env, main)
  }
  const { stdout, stderr } = await checked(postgres.url)
  assert.match(stdout, /Handlers \(opened and closed\): rows, common/, stderr)
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  const { rows } = await client.query('select text from written')
  await client.end()
  assert.deepEqual(rows, [{ text: 'by rows.ts' }])
  const refused = await checked('postgresql://u:hunter2@127.0.0.1:1/d')
  assert.match(
    refused.stderr,
    /^Problem: The handler rows cannot be opened: connect ECONNREFUSED 127\.0\.0\.1:1\. .*Remedy: .*OCC_HANDLER_OPEN/,
  )
  assert.doesNotMatch(refused.stderr + refused.stdout, /hunter2/)
})

test('the built form runs handlers from anywhere, and gives their authors its types', async (t) => {
  const away = temporaryFolder(t)
  const source = `import { defineHandler, formatUnits } from 'onchain-consumer'
export default defineHandler({
  name: 'typed',
  handle: ({ events }) => void events.map(({ amount }) => formatUnits(amount ?? 0n, 6)),
})
`
  await writeFile(join(away, 'handler.ts'), source)
  const config = join(away, 'config.yaml')
  await writeFile(config, JSON.stringify({ handlers: [{ path: join(away, 'handler.ts') }] }))
  const env = { KAFKA_TOPICS: 'a', KAFKA_GROUP_ID: 'b' }
  const { code, stdout } = await runCommand(['check', '--offline', '--config', config], env, main)
  assert.deepEqual([code, /Handlers: typed/.test(stdout)], [0, true])
  // As in a project of the author's, in which the package is installed.
  await mkdir(join(folder, 'author', 'node_modules'), { recursive: true })
  await symlink(folder, join(folder, 'author', 'node_modules', 'onchain-consumer'))
  await symlink(join(ROOT, 'node_modules/@types'), join(folder, 'author/node_modules/@types'))
  await writeFile(join(folder, 'author', 'handler.ts'), source)
  const wrong = source.replace('amount ??', 'amuont ??').replace('({ amount })', '({ amuont })')
  await writeFile(join(folder, 'author', 'wrong.ts'), wrong)
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024']
  const compile = (file: string) =>
    promisify(execFile)(
      process.execPath,
      [TSC, ...flags, '--types', 'node', '--ignoreConfig', file],
      {
        cwd: join(folder, 'author'),
      },
    )
  await compile('handler.ts')
  await assert.rejects(compile('wrong.ts'), (error) => /amuont/.test(String(Object(error).stdout)))
})
