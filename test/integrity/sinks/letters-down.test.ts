import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { startKafka } from '../../../dev/kafka/embedded-kafka.ts'
import { startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { startPgbouncer } from '../../../dev/postgres/pgbouncer.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createPostgresPool } from '../../../src/sink/postgres/pool.ts'
import { metric } from '../../support/metric.ts'
import { headerOf, recordsOf } from '../../support/records/topic-records.ts'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { readAttempts, successesOf } from '../support/attempts.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { dlq } from '../support/letters.ts'
import type { Service } from '../support/service.ts'
import { brokerOptions, type Scene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import type { Task } from '../support/tasks.ts'

const createScene = shareKafka()
const RATE = 200
const SESSION_SECONDS = 6
/** A member that forgot its heartbeats would be thrown out. */
const OUTAGE_SECONDS = sizeOf('SECONDS', 1.5 * SESSION_SECONDS)
/** Before the outage, in it and after it. */
const RECORDS = (OUTAGE_SECONDS + 7) * RATE
const PARTITIONS = 6
/** Without bad records: nothing there waits for letters. */
const CLEAN = PARTITIONS - 1

/** One in a hundred can never be handled: by turns the handler refuses it, or it is no JSON. */
function makeTask(id: number): Task {
  const isBad = id % 101 === 100 && id % PARTITIONS !== CLEAN
  const fault = isBad ? (id % 2 === 0 ? 'permanent' : 'broken') : null
  return { id, key: null, wait: 0, fault }
}
/** Those that are sent whether the target is away or not: five bad ones are among them. The others come when it is. */
const BEFORE = 5 * RATE
const TASKS = Array.from({ length: RECORDS }, (_, id) => makeTask(id))
const BAD = TASKS.filter(({ fault }) => fault !== null).map(({ id }) => id)

/** Records are sent in the order of their ids, in turn to each partition. */
const nameOf = (id: number) => `${id % PARTITIONS}/${Math.floor(id / PARTITIONS)}`

interface Target {
  readonly deadLetters: object
  kill(): Promise<void>
  start(): Promise<void>
  /** Letters that the target holds, with repetitions; partition/offset of each. */
  letters(): Promise<string[]>
}

test('the dead-letter topic is on another cluster, which is away for a while', async (t) => {
  const other = await startKafka()
  t.after(() => other.close())
  const scene = await createScene(t, { partitions: PARTITIONS })
  const brokers = other.brokers.plaintext
  await outage(t.name, scene, {
    deadLetters: {
      target: 'kafka',
      kafka: { brokers: [brokers], createTopic: true, replication: 1 },
    },
    kill: () => other.kill(),
    start: () => other.start(),
    async letters() {
      const records = await recordsOf(brokerOptions(brokers), `${scene.topic}.dlq`)
      return records.map(
        (record) =>
          `${headerOf(record, 'original_partition')}/${headerOf(record, 'original_offset')}`,
      )
    },
  })
})

test('the database of the dead letters is away for a while', async (t) => {
  const postgres = await startPostgres()
  t.after(() => postgres.close())
  const scene = await createScene(t, { partitions: PARTITIONS })
  const deadLetters = { target: 'postgres', postgres: { urlFile: postgres.urlFile } }
  await outage(t.name, scene, {
    deadLetters,
    kill: () => postgres.kill(),
    start: () => postgres.start(),
    letters: () => listed(scene, { deadLetters }),
  })
})

test('the database of the dead letters, behind a pooler, is read-only for a while', async (t) => {
  const postgres = await startPostgres()
  t.after(() => postgres.close())
  const pgbouncer = await startPgbouncer(postgres)
  t.after(() => pgbouncer.close())
  const scene = await createScene(t, { partitions: PARTITIONS })
  const deadLetters = { target: 'postgres', postgres: { urlFile: pgbouncer.urlFile } }
  await outage(t.name, scene, {
    deadLetters,
    async kill() {
      await postgres.stop()
      await postgres.startAsStandby()
    },
    start: () => promote(postgres.urlFile),
    letters: () => listed(scene, { deadLetters }),
  })
})

async function promote(urlFile: string): Promise<void> {
  const options = { maxConnections: 2, connectionTimeout: 5_000, statementTimeout: 70_000 }
  const pool = createPostgresPool({ urlFile, ...options }, silentLog, 'deadLetters.postgres')
  await pool.query('select pg_promote()').finally(() => pool.close())
}

async function outage(
  name: TestContext['name'],
  scene: Scene,
  { deadLetters, kill, start, letters }: Target,
): Promise<void> {
  const config = { handlers: [scene.planned], deadLetters, lag: { interval: '1s' } }
  const service = await scene.run(config, {
    KAFKA_SESSION_TIMEOUT_MS: String(SESSION_SECONDS * 1000),
    KAFKA_HEARTBEAT_INTERVAL_MS: '1000',
  })
  await service.ready()
  const early = scene.send(TASKS.slice(0, BEFORE), RATE)
  const figure = async (name: string) =>
    metric((await service.get('/metrics')).body, `onchain_consumer_dead_letters_${name}`)
  const kept = () => figure('kept_total')
  await until(async () => (await kept()) >= 5, 'the first letters to be kept')

  await kill()
  const sending = early.then(() => scene.send(TASKS.slice(BEFORE), RATE))
  await until(async () => (await figure('waiting')) > 0, 'a letter to wait')
  const keptBefore = await kept()
  const probes = { all: 0, alive: 0, ready: 0, waiting: 0 }
  const committedBefore = await committedOf(service)
  const pausedBy = new Map<number, string | null>()
  for (let second = 0; second < OUTAGE_SECONDS; second++) {
    await sleep(1000)
    probes.all += 1
    if ((await service.get('/healthz')).status === 200) probes.alive += 1
    if ((await service.get('/readyz')).status === 200) probes.ready += 1
    if ((await figure('waiting')) > 0) probes.waiting += 1
    for (const each of JSON.parse((await service.get('/lag')).body).partitions) {
      pausedBy.set(each.partition, each.pausedBy)
    }
  }
  const keptDuring = (await kept()) - keptBefore
  const committedDuring = await committedOf(service)
  await start()
  const safe = new Set(await letters())
  const firstUnsafe = (partition: number) =>
    BAD.find((id) => id % PARTITIONS === partition && !safe.has(nameOf(id))) ?? RECORDS

  await sending
  await until(async () => {
    await sleep(500)
    return [...(await committedOf(service)).values()].reduce((a, b) => a + b, 0) === RECORDS
  }, 'all records to be committed')
  const successes = successesOf(readAttempts(scene.folder))
  const found = await letters()
  const distinct = new Set(found)
  const lost = TASKS.filter(({ id }) => !successes.has(id) && !distinct.has(nameOf(id)))
  const refusals = service.log().filter(({ event }) => event === 'record.not-kept').length
  const cleanDuring = (committedDuring.get(CLEAN) ?? 0) - (committedBefore.get(CLEAN) ?? 0)
  printFigures(name, {
    'outage (s)': OUTAGE_SECONDS,
    'records in': RECORDS,
    'records out': successes.size,
    'bad records in': BAD.length,
    'dead letters': distinct.size,
    'dead letters written again': found.length - distinct.size,
    lost: lost.length,
    duplicated: [...successes.values()].filter(({ length }) => length > 1).length,
    'letters kept during the outage': keptDuring,
    'committed during it by the partition without bad records': cleanDuring,
    'said that a letter could not be kept (times)': refusals,
    '/healthz alive, /readyz ready, letters waiting': `${probes.alive}, ${probes.ready}, ${probes.waiting} of ${probes.all}`,
    'paused by, at the end': [...pausedBy].map(([at, by]) => `${at}: ${by}`).join(', '),
  })
  assert.deepEqual(lost, [])
  assert.deepEqual(
    [...distinct].sort(),
    BAD.map(nameOf).sort(),
    'all that is bad, and nothing else',
  )
  assert.deepEqual(
    (await listed(scene, config)).sort(),
    BAD.map(nameOf).sort(),
    'each is there once',
  )
  assert.ok([...successes.values()].every(({ length }) => length === 1))
  assert.equal(keptDuring, 0)
  for (const [partition, committed] of committedDuring) {
    if (partition === CLEAN) continue
    const limit = Math.floor(firstUnsafe(partition) / PARTITIONS)
    assert.ok(committed <= limit, `partition ${partition}: ${committed} is beyond ${limit}`)
    assert.equal(pausedBy.get(partition), 'dead-letters')
  }
  assert.equal(pausedBy.get(CLEAN), null)
  assert.ok(cleanDuring > 0, 'the others continue')
  assert.equal(probes.alive, probes.all, 'a restart would not help')
  assert.equal(probes.ready, probes.all, 'it is a working member of its group')
  assert.ok(probes.waiting > 0 && refusals > 0, 'it says so')
  const { body } = await service.get('/metrics')
  assert.equal(metric(body, 'onchain_consumer_dead_letters_waiting'), 0)
  assert.equal(metric(body, 'onchain_consumer_rebalances_total'), 1, 'only the first assignment')
  assert.equal(await service.terminate(), 0)
}

async function committedOf(service: Service): Promise<Map<number, number>> {
  const { partitions } = JSON.parse((await service.get('/lag')).body)
  return new Map(
    partitions.map(({ partition, committed }: { partition: number; committed: number }) => [
      partition,
      committed,
    ]),
  )
}

/** By the command of the user; partition/offset of each. */
async function listed(scene: Scene, config: object): Promise<string[]> {
  const { code, out, error } = await dlq(scene, config, 'list', '--json', '--limit', '100000')
  assert.equal(code, 0, error)
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map(({ original_partition, original_offset }) => `${original_partition}/${original_offset}`)
}
