import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import test, { after, before } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { silentLog } from '../../src/kernel/log.ts'
import type { KafkaRecord } from '../../src/kernel/shapes/record.ts'
import { systemClock } from '../../src/kernel/time/clock.ts'
import { fakeIo } from '../support/fake-io.ts'
import { startHttpServer } from '../support/servers/http-server.ts'

const root = join(import.meta.dirname, '../..')
/** The sources with all that docs/extending.md adds to them. */
const copy = mkdtempSync(join(tmpdir(), 'occ-extending-'))
after(() => rmSync(copy, { recursive: true }))

/** A file of the page, whole or as a change of the one that is there. */
interface Example {
  readonly path: string
  readonly language: string
  readonly code: string
}

function examplesOf(page: string): Example[] {
  const block = /`(src\/[^`]+)`:\n\n```(ts|diff|sql)\n([\s\S]*?)```/g
  return Array.from(page.matchAll(block), ([, path = '', language = '', code = '']) => {
    return { path, language, code }
  })
}

/** A `+import` goes to the top, another `+` behind the line before it, in place of it for a `-`. */
function applied(source: string, diff: string, path: string): string {
  let text = source
  let at = -1
  for (const line of diff.trimEnd().split('\n')) {
    const [sign, rest] = [line[0], line.slice(1)]
    if (sign === '+' && rest.startsWith('import ')) {
      text = `${rest}\n${text}`
    } else if (sign === '+') {
      assert.ok(at >= 0, `${path}: nothing says where this goes: ${rest}`)
      text = `${text.slice(0, at)}${rest}\n${text.slice(at)}`
      at += rest.length + 1
    } else {
      const found = `\n${text}`.indexOf(`\n${rest}\n`)
      assert.ok(found >= 0, `${path} has no such line: ${rest}`)
      if (sign === '-') text = text.slice(0, found) + text.slice(found + rest.length + 1)
      at = sign === '-' ? found : found + rest.length + 1
    }
  }
  return text
}

function run(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
  })
  assert.equal(status, 0, `${stdout}${stderr}`)
}

before(() => {
  for (const name of ['src', 'tsconfig.json', 'package.json', 'dev/names.ts', 'dev/command.ts']) {
    cpSync(join(root, name), join(copy, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const { path, language, code } of examplesOf(
    readFileSync(join(root, 'docs/extending.md'), 'utf8'),
  )) {
    const target = join(copy, path)
    const isNew = language !== 'diff'
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, isNew ? code : applied(readFileSync(target, 'utf8'), code, path), {
      flag: isNew ? 'wx' : 'w',
    })
  }
  run('dev/names.ts')
})

/** Modules of the copy: typed as those of the sources, which have all but the examples. */
async function modules() {
  const load = async (path: string) => import(pathToFileURL(join(copy, 'src', path)).href)
  return {
    cli: (await load('cli/index.ts')) as typeof import('../../src/cli/index.ts'),
    config: (await load('config/load/load.ts')) as typeof import('../../src/config/load/load.ts'),
    delta: (await load(
      'workers/meter-delta.ts',
    )) as typeof import('../../src/workers/meter-delta.ts'),
    handling: (await load(
      'app/create-handling.ts',
    )) as typeof import('../../src/app/create-handling.ts'),
    migrations: (await load(
      'sink/postgres/tables/migrations.ts',
    )) as typeof import('../../src/sink/postgres/tables/migrations.ts'),
    meters: (await load(
      'observe/meters/meters.ts',
    )) as typeof import('../../src/observe/meters/meters.ts'),
    sinks: (await load(
      'app/sinks/create-sinks.ts',
    )) as typeof import('../../src/app/sinks/create-sinks.ts'),
    table: (await load(
      'observe/metrics/table.ts',
    )) as typeof import('../../src/observe/metrics/table.ts'),
  }
}

const file = join(copy, 'config.yaml')

async function loadConfig(settings: object) {
  const { config } = await modules()
  writeFileSync(file, JSON.stringify({ kafka: { topics: [TOPIC], groupId: 'g' }, ...settings }))
  return config.loadConfig({ file, env: {} })
}

async function configOf(settings: object) {
  const loaded = await loadConfig(settings)
  assert.ok(loaded.ok, loaded.ok ? '' : JSON.stringify(loaded.problems))
  return loaded.config
}

const TOPIC = 'tron.rewards'
const ENTRY = { Reward: { Id: 'r1', Witness: 'TW', Amount: '18446744073709551557', Time: 7 } }

function recordOf(value: Buffer | null, offset = 0): KafkaRecord {
  const place = { topic: TOPIC, partition: 0, offset }
  return { ...place, timestamp: 0, key: null, value, headers: undefined }
}

/** The service's handling of records with these settings, and what was counted of them. */
async function handle(settings: object, values: ReadonlyArray<Buffer | null>) {
  const { handling, meters } = await modules()
  const events: unknown[] = []
  const counted = meters.createMeters()
  const service = handling.createHandling(await configOf(settings), {
    handler: async (message) => void events.push(...message.events.map((event) => ({ ...event }))),
    meters: counted,
    clock: systemClock,
    log: silentLog,
  })
  await service.start()
  const processor = service.openProcessor({ topic: TOPIC, partition: 0 })
  for (const [offset, value] of values.entries()) {
    const outcome = await processor.process(recordOf(value, offset), new AbortController().signal)
    assert.equal(outcome.kind, 'ok')
  }
  await service.close()
  return { events, meters: counted }
}

const REWARD = {
  id: 'r1',
  chain: 'tron',
  kind: 'transfer',
  time: 7_000,
  from: null,
  to: 'TW',
  fromAccount: null,
  toAccount: null,
  addresses: ['TW'],
  asset: { address: '', symbol: 'TRX', decimals: 6 },
  amount: 18_446_744_073_709_551_557n,
  success: true,
}
const JSON_VALUE = Buffer.from(JSON.stringify(ENTRY))

test('the sources with all examples compile', () => {
  run(join(root, 'node_modules/.bin/tsc'), '-p', 'tsconfig.json', '--noEmit')
})

test('the stream is found by its shape, and by its name in the configuration', async () => {
  const { events } = await handle({}, [JSON_VALUE])
  assert.deepEqual(events, [REWARD])
  const decode = (events: string) => ({ decode: { topics: [{ pattern: '*', events }] } })
  assert.deepEqual((await handle(decode('tron.rewards'), [JSON_VALUE])).events, [REWARD])
  assert.deepEqual((await handle(decode('solana.transfers'), [JSON_VALUE])).events, [])
})

test('the format reads what a rule says is in it', async () => {
  const value = Buffer.from(`${JSON.stringify(ENTRY)}\n{}\n${JSON.stringify(ENTRY)}\n`)
  const rule = { pattern: '*', format: 'ndjson', events: 'auto' }
  const settings = { decode: { topics: [rule] }, deduplication: { window: 0 } }
  assert.deepEqual((await handle(settings, [value])).events, [REWARD, REWARD])
})

test('the encoding is told from the bytes, and its records are counted', async () => {
  const { events, meters } = await handle({}, [gzipSync(JSON_VALUE)])
  assert.deepEqual(events, [REWARD])
  assert.deepEqual(meters.topic(TOPIC).encodings, { gzip: 1 })
})

test('the counter counts, is a metric, and comes over from worker threads', async () => {
  const { meters, delta, table } = await modules()
  const { meters: counted } = await handle({}, [null, JSON_VALUE, null])
  const metric = table.metricDefinitions.find(({ name }) => name.endsWith('_tombstones_total'))
  const samples = [...(metric?.read({ meters: counted } as never) ?? [])]
  assert.deepEqual(samples, [{ labels: { topic: TOPIC }, value: 2 }])
  const main = meters.createMeters()
  const read = delta.createMeterReader(counted)
  for (const told of [read(true), read(true)]) if (told !== null) delta.addMeters(main, told)
  assert.equal(Reflect.get(main.topic(TOPIC), 'tombstones'), 2)
})

test('the sink is configured, written to, and named where its keys are out of place', async (t) => {
  const got: unknown[] = []
  const url = await startHttpServer(t, async (request, response) => {
    got.push([request.headers['idempotency-key'], await text(request)])
    response.statusCode = got.length === 1 ? 500 : 204
    response.end()
  })
  const out = { type: 'http', url: `${url}/in` }
  const { sinks } = await modules()
  const opened = sinks.createSinks(await configOf({ sinks: { out } }), silentLog)
  const emit = () => opened.emit({ handler: 'h', id: 'i' }, 'out', { amount: 1n }, null)
  await assert.rejects(emit(), { code: 'OCC_EMIT', retriable: true })
  await emit()
  await opened.close()
  const request = ['i', '{"amount":"1"}']
  assert.deepEqual(got, [request, request])
  const wrong = await loadConfig({ sinks: { a: { type: 'log', url: 'x' }, b: { type: 'http' } } })
  const said = wrong.ok ? [] : wrong.problems.map(({ key, message }) => `${key} ${message}`)
  assert.deepEqual(said, [
    'sinks.a.url is for type webhook or http, and this sink is of type log',
    'sinks.b.url is missing',
  ])
})

test('the table for events is configured by its name, and its SQL is found', async () => {
  const { migrations } = await modules()
  const db = { type: 'postgres', urlFile: file, events: 'reorgs' }
  assert.equal(
    Reflect.get((await configOf({ sinks: { db } })).sinks['db'] ?? {}, 'table'),
    undefined,
  )
  const options = { events: 'reorgs', table: 'my.table', partitions: 'none' } as const
  const [first] = migrations.migrationsOf(options)
  assert.equal(first?.name, 'reorgs/0001-create')
  assert.match(first.sql, /^create table "my"."table" \(/)
})

test('the command is listed, explained from its flags, and runs', async () => {
  const { cli } = await modules()
  await configOf({ sinks: { out: { type: 'log' } } })
  const tell = async (...args: string[]) => {
    const io = fakeIo()
    const code = await cli.main(args, io)
    return `${code} ${io.stdout.written()}${io.stderr.written()}`
  }
  assert.match(await tell('help'), /^ {2}sinks +print the sinks of the configuration$/m)
  assert.match(await tell('help', 'sinks'), /^ {2}--json +as a JSON list$/m)
  assert.equal(await tell('sinks', '--config', file), `0 out\n`)
  assert.equal(await tell('sinks', `--config=${file}`, '--json'), `0 ["out"]\n`)
  assert.match(await tell('sinks', '--jsn'), /^2 .*did you mean --json/)
})
