import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { readTopic } from '../../../src/broker/topics/topic-reader.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { OK } from '../../../src/kernel/shapes/outcome.ts'
import { MAIN } from '../../support/service-main.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { type Consuming, consuming, numbered, until, useOwnKafka } from '../harness.ts'
import { plainEnvironment, runHere, startService } from '../service/process.ts'
import { poolOf } from '../sinks/postgres-table.ts'

const embedded = useOwnKafka({ nodes: 3 })
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

const node = (id: number) => {
  const found = embedded.kafka.nodes[id - 1]
  assert.ok(found)
  return found
}

/** What looks on while a log is cut off. */
interface Witness {
  readonly title: string
  readonly topic: string
  /** Of each record, at least. */
  readonly bytes?: number
  /** Resolves when it has read all there is, so also what is cut off then. */
  readAll(): Promise<void>
  /** When it is cut off, and nothing was written since. */
  whenCut?(): Promise<void>
  /** When there is more than was cut off. */
  since(): Promise<void>
}

/** Replicas on nodes 1 and 2, of which the second may lead without having everything. */
async function createTopic(topic: string): Promise<void> {
  await embedded.kafka.cluster.createTopic(topic, {
    assignments: [[1, 2]],
    config: { 'unclean.leader.election.enable': 'true' },
  })
}

async function produce({ topic, bytes = 0 }: Witness, values: readonly string[]): Promise<void> {
  for (let at = 0; at < values.length; at += 10) {
    const some = values.slice(at, at + 10).map((value) => value.padEnd(bytes, '.'))
    await embedded.produce(topic, some)
  }
}

/**
 * A hundred records that both have, fifty that only node 1 has; then node 2 leads, without these. Once
 * for all witnesses, as it takes its time.
 */
async function cutOff(witnesses: readonly Witness[]): Promise<void> {
  const each = (step: (witness: Witness) => Promise<void> | undefined) =>
    Promise.all(witnesses.map(step))
  await each((witness) => produce(witness, numbered(100, 'both')))
  await node(2).kill()
  await each((witness) => produce(witness, numbered(50, 'gone')))
  await each(({ readAll }) => readAll())
  await node(1).kill()
  await node(2).start()
  await each(({ topic }) =>
    until(async () => (await embedded.kafka.cluster.leaders(topic)).get(0) === 2, 'node 2 to lead'),
  )
  await each(({ whenCut }) => whenCut?.())
  // More than were cut off: the log ends beyond the position again, and looks as if nothing had been.
  await each(({ topic }) => embedded.produce(topic, numbered(80, 'since')))
}

async function readAll(service: Consuming, topic: string): Promise<void> {
  await until(() => service.handled.length === 150, 'the records before')
  await until(async () => (await embedded.committed(topic, topic))[0] === 150, 'their commit')
}

async function assertAllSince(service: Consuming, topic: string): Promise<void> {
  await until(
    () => service.values().includes('since-79'),
    () => `what was written since, ${JSON.stringify(service.engine.partitions())}`,
  )
  const since = service.values().filter((value) => value.startsWith('since'))
  assert.deepEqual(since, numbered(80, 'since'))
  assert.ok(service.lines.some(({ fields }) => fields.event === 'records.cut'))
  await until(async () => (await embedded.committed(topic, topic))[0] === 180, 'the commit')
}

/** `replay` of a range up to offset 150, of which everything below `done` was handled before. */
function replayFrom(t: TestContext, topic: string, done: number) {
  const folder = temporaryFolder(t)
  const [config, progress] = [join(folder, 'config.json'), join(folder, 'progress.json')]
  const code = `export default { name: 'noting', async handle({ record: { offset } }, { emit }) { await emit('out', { offset }) } }`
  writeFileSync(join(folder, 'handler.mjs'), code)
  writeFileSync(
    config,
    JSON.stringify({
      kafka: { brokers: embedded.broker.brokers, topics: [topic], groupId: 'g' },
      decode: { topics: [{ pattern: topic, format: 'text' }] },
      handlers: [{ path: './handler.mjs' }],
      sinks: { out: { type: 'file', path: './out.ndjson' } },
      deadLetters: { file: { folder: './letters' } },
    }),
  )
  const range = { from: '2h', to: 'now', topic: null, handler: null }
  const part = { topic, partition: 0, first: 0, from: done, to: 150, finished: [] }
  writeFileSync(progress, JSON.stringify({ version: 1, range, parts: { g: [part] } }))
  const result = runHere(['replay', '--from', '2h', '--config', config, '--progress', progress])
  return result.then(({ code: exit, stdout, stderr }) => ({
    ...{ exit, stdout, stderr },
    kept: JSON.parse(readFileSync(progress, 'utf8')).parts.g[0].from,
  }))
}

async function staying(t: TestContext): Promise<Witness> {
  const topic = 'cut'
  await createTopic(topic)
  const service = consuming(t, embedded, { member: { groupId: topic, topics: [topic] } })
  await service.join().joined()
  return {
    title: 'a member that reads: all that is written since is handled',
    topic,
    readAll: () => readAll(service, topic),
    since: () => assertAllSince(service, topic),
  }
}

async function away(t: TestContext): Promise<Witness> {
  const topic = 'cut-away'
  await createTopic(topic)
  const service = consuming(t, embedded, { member: { groupId: topic, topics: [topic] } })
  const before = service.join()
  return {
    title: 'a member that was away meanwhile: the committed epoch tells',
    topic,
    async readAll() {
      await readAll(service, topic)
      await before.leave()
    },
    async since() {
      service.join()
      await assertAllSince(service, topic)
    },
  }
}

/** @param held the record that it does not finish; those behind it are committed as finished */
async function leaving(t: TestContext, held: number): Promise<Witness> {
  const topic = `cut-behind-${held}`
  await createTopic(topic)
  const service = consuming(t, embedded, {
    member: { groupId: topic, topics: [topic] },
    order: 'none',
    rebalanceDrain: 100,
    process: ({ offset }, signal) =>
      offset === held && !isLet ? once(signal, 'abort').then(() => OK) : OK,
  })
  let isLet = false
  const before = service.join()
  return {
    title: `a member that left with record ${held} unfinished: what was finished behind it is only what the log still has`,
    topic,
    async readAll() {
      await until(() => service.handled.length === 149, 'the records before, but for one')
      await until(async () => (await embedded.committed(topic, topic))[0] === held, 'their commit')
      await before.leave()
      isLet = true
    },
    async since() {
      service.join()
      await until(
        () => service.values().includes('since-79'),
        () => `what was written since, ${JSON.stringify(service.engine.partitions())}`,
      )
      await until(
        async () => (await embedded.committed(topic, topic))[0] === 180,
        () => `the commit, ${JSON.stringify(service.engine.partitions())}`,
      )
      const values = new Set(service.values())
      const wanted = [`both-${held}`, ...numbered(80, 'since')]
      assert.deepEqual(
        wanted.filter((value) => !values.has(value)),
        [],
      )
    },
  }
}

/** The same with the offsets in PostgreSQL, in the transactions of rows. */
async function stored(t: TestContext): Promise<Witness> {
  const [topic, table, held] = ['cut-stored', 'cut_rows', 85]
  await createTopic(topic)
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  await pool.query(`create table ${table} (place bigint, text text)`)
  const folder = temporaryFolder(t)
  const letFile = join(folder, 'let')
  const [file, path] = [join(folder, 'config.json'), join(folder, 'handler.mjs')]
  const code = `import { existsSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
export default { name: 'holding', async handle({ record: { offset, value } }, { emit, signal }) {
  while (offset === ${held} && !existsSync(${JSON.stringify(letFile)})) await setTimeout(20, undefined, { signal })
  await emit('db', { place: offset, text: String(value) })
} }`
  writeFileSync(path, code)
  const { urlFile } = postgres
  const columns = { place: { from: 'place', type: 'bigint' }, text: 'text' }
  const config = {
    kafka: { autoOffsetReset: 'earliest' },
    decode: { topics: [{ pattern: topic, format: 'text' }] },
    offsets: { store: 'postgres', postgres: { urlFile, table: 'cut_offsets', migrate: true } },
    sinks: { db: { type: 'postgres', urlFile, table, columns } },
    handlers: [{ path }],
    processing: { order: 'none' },
    flow: { drain: '100ms' },
  }
  writeFileSync(file, JSON.stringify(config))
  const brokers = embedded.broker.brokers.join()
  const environment = {
    ...plainEnvironment(t, embedded.kafka, topic),
    KAFKA_BOOTSTRAP_SERVERS: brokers,
  }
  const service = startService(t, environment, ['--config', file])
  const texts = async () =>
    (await pool.query(`select text from ${table}`)).rows.map(({ text }) => text)
  return {
    title: 'the same with the offsets in PostgreSQL',
    topic,
    async readAll() {
      await until(async () => (await texts()).length === 149, 'the rows before, but for one')
      await service.end()
      writeFileSync(letFile, '')
    },
    async since() {
      startService(t, environment, ['--config', file])
      const wanted = [`both-${held}`, ...numbered(80, 'since')]
      const areThere = async () => {
        const there = new Set(await texts())
        return wanted.every((value) => there.has(value))
      }
      await until(areThere, 'the rows of what was written since')
    },
  }
}

async function ranged(t: TestContext): Promise<Witness> {
  const topic = 'cut-range'
  await createTopic(topic)
  const args = ['read', topic, '--follow', '--raw', '--brokers', embedded.broker.brokers.join()]
  const following = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => following.kill('SIGKILL'))
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    following[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  }
  const printed = (value: string) => until(() => output.stdout.includes(value), value)
  // More than one fetch brings, so that it is in the middle of the range meanwhile.
  const wanted = { section: 'kafka' }
  const records = readTopic(embedded.broker, topic, wanted, silentLog, lz4Codec)
  t.after(() => records.return(undefined))

  return {
    title: 'a range ends where the log was cut, which is said; --follow goes on there',
    topic,
    bytes: 50_000,
    async readAll() {
      await printed('gone-49')
      await records.next()
    },
    async whenCut() {
      const rest = async () => {
        for await (const { offset } of records) assert.ok(offset < 100)
      }
      const gone =
        /cut-range\/0: the log was cut .* at offset 100 now, and the range at 150: 50 offsets \(100 to 149\)/
      await assert.rejects(rest, { code: 'OCC_LOG_CUT', message: gone })
      const [within, beyond] = [await replayFrom(t, topic, 90), await replayFrom(t, topic, 120)]
      assert.deepEqual([within.exit, within.kept, beyond.exit, beyond.kept], [1, 100, 1, 120])
      assert.match(within.stdout, gone)
      assert.match(within.stdout, /^Ended after 100 of 150 offsets;/m)
      assert.match(
        beyond.stdout,
        /cut at offset 100 .*: 20 offsets of it \(100 to 119\) .*Not read: 30 offsets \(120 to 149\)/,
      )
    },
    async since() {
      await printed('since-79')
      following.kill('SIGINT')
      assert.deepEqual(await once(following, 'exit'), [0, null])
      assert.match(output.stderr, /truncated at 100 .*: 50 records below the position 150/)
    },
  }
}

test('a new leader has a shorter log', async (t) => {
  const witnesses = await Promise.all([
    staying(t),
    away(t),
    leaving(t, 0),
    leaving(t, 85),
    stored(t),
    ranged(t),
  ])
  await cutOff(witnesses)
  for (const { title, since } of witnesses) await t.test(title, since)
})
