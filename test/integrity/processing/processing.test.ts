import assert from 'node:assert/strict'
import test from 'node:test'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { headerOf, recordsOf } from '../../support/records/topic-records.ts'
import { printFigures } from '../support/accounting.ts'
import { type Attempt, checkOrder, readAttempts, successesOf } from '../support/attempts.ts'
import { readEnds } from '../support/broker/group-offsets.ts'
import { dlq } from '../support/letters.ts'
import { startMembers } from '../support/members.ts'
import { brokerOptions, createScene, type Scene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { partitionOf, spread, type Task } from '../support/tasks.ts'

const RECORDS = sizeOf('RECORDS', 20_000)
const KEYS = 1_000
const PARTITIONS = 12
const MEMBERS = 3
const ATTEMPTS = 4
/** Records a second: what is killed is killed under load. */
const RATE = sizeOf('RATE', 500)
const MIN_OF_EACH = sizeOf('KILLS', 3)

/** Of each hundred records, in no order, one always fails and five fail twice. */
function makeTask(id: number): Task {
  const place = (id * 37 + spread(Math.floor(id / 100), 1, 100)) % 100
  const bad = spread(id, 2, 2) === 0 ? 'permanent' : 'always'
  const fault = place === 0 ? bad : place <= 5 ? 'twice' : null
  return { id, key: spread(id, 3, KEYS), wait: spread(id, 4, 51), fault }
}

test('records of 1,000 keys, failing handlers, kill -9 and restarts: none lost, none swapped, all dead ones come back', async (t) => {
  const scene = await createScene(t, { partitions: PARTITIONS })
  const config = {
    handlers: [scene.planned],
    processing: { order: 'key', concurrency: 96 },
    retry: { attempts: ATTEMPTS, backoff: '50ms', maxBackoff: '400ms' },
    deadLetters: { target: 'kafka', kafka: { createTopic: true, replication: 1 } },
    lag: { interval: '1s' },
  }
  const tasks = Array.from({ length: RECORDS }, (_, id) => makeTask(id))
  const bad = tasks.filter(({ fault }) => fault === 'permanent' || fault === 'always')
  const started = Date.now()

  const members = await startMembers(scene, config, MEMBERS)
  const { killed } = members
  await members.churn(scene.send(tasks, RATE), MIN_OF_EACH)
  await members.committed(RECORDS)
  const seconds = Math.round((Date.now() - started) / 1000)

  const attempts = readAttempts(scene.folder)
  const successes = successesOf(attempts)
  const letters = await recordsOf(brokerOptions(scene.brokers), `${scene.topic}.dlq`)
  const lettersById = Map.groupBy(letters, taskOf)
  const lost = tasks.filter(({ id }) => !successes.has(id) && !lettersById.has(id))
  const order = checkOrder(attempts, ATTEMPTS)
  const again = repeats(attempts, ({ result }) => result !== 'retry')
  // One with an error of its own is tried once more when others have succeeded.
  const unasked = again.filter(({ service, result }) => !killed.has(service) && result === 'ok')
  // The last one in vain finishes a record only if the partition does not move at that moment: its
  // next owner then begins again. But without a kill there is no second letter.
  const inVain = repeats(attempts, ({ attempt }) => attempt === ATTEMPTS)
  printFigures('processing', {
    'records in': RECORDS,
    keys: order.keys,
    'kill -9, graceful restarts': `${killed.size}, ${members.restarts}`,
    seconds,
    attempts: attempts.length,
    'failed attempts': attempts.filter(({ result }) => result !== 'ok').length,
    handled: successes.size,
    'always fail': bad.length,
    'dead letters': `${lettersById.size} (${letters.length - lettersById.size} of them twice)`,
    lost: lost.length,
    'swapped within a key': order.swapped.length,
    'overlapping within a key': order.overlapping.length,
    'handled again after a kill -9': again.filter(
      ({ service, result }) => killed.has(service) && result === 'ok',
    ).length,
    'handled again without': unasked.length,
    'begun again after its last attempt': inVain.length,
  })
  assert.deepEqual(lost.slice(0, 10), [])
  assert.deepEqual(order.swapped.slice(0, 10), [])
  assert.deepEqual(order.overlapping.slice(0, 10), [])
  assert.deepEqual(
    unasked.slice(0, 10),
    [],
    'only what a killed process had handled is handled again',
  )
  assert.deepEqual(
    [...lettersById.keys()].toSorted((a, b) => a - b),
    bad.map(({ id }) => id),
    'exactly what always fails is in the dead letters',
  )
  assert.ok(bad.every(({ id }) => !successes.has(id)))
  const forgotten = [...again, ...inVain].filter(({ service }) => killed.has(service))
  const repeated = new Set(forgotten.map(({ id }) => id))
  for (const [id, own] of lettersById) {
    assert.ok(own.length === 1 || repeated.has(id), `${own.length} letters of ${id}`)
  }
  checkLetters(letters, tasks, started)

  scene.flip('repaired', true)
  const count = bad.length.toLocaleString('en')
  const dry = await dlq(scene, config, 'redrive')
  assert.equal(dry.code, 0, dry.error)
  assert.match(dry.out, new RegExp(`${count} dead letters to the topics they came from`))
  assert.match(dry.out, /Nothing was sent/)
  assert.equal(await endOf(scene), RECORDS)
  const redrive = await dlq(scene, config, 'redrive', '--yes')
  assert.equal(redrive.code, 0, redrive.error)
  assert.match(redrive.out, new RegExp(`${count} sent to the topics they came from`))
  await members.committed(RECORDS + bad.length)
  const after = successesOf(readAttempts(scene.folder))
  const left = await dlq(scene, config, 'list')
  const times = bad.map(({ id }) => after.get(id)?.length ?? 0)
  printFigures('redrive', {
    'dead letters': bad.length,
    handled: times.filter((count) => count > 0).length,
    'more than once': times.filter((count) => count > 1).length,
    left: left.out.trim(),
  })
  assert.ok(times.every((count) => count === 1))
  assert.match(left.out, /^No dead letters/)
  await members.terminate()
})

function taskOf(record: KafkaRecord): number {
  return Number(headerOf(record, 'task-id'))
}

/**
 * Attempts that finished a record for their process and were followed by others all the same: each
 * but the last one of a record. Only a kill -9 may forget what was finished.
 */
function repeats(attempts: readonly Attempt[], finishes: (one: Attempt) => boolean): Attempt[] {
  const finishing = attempts.filter(finishes)
  return [...Map.groupBy(finishing, ({ id }) => id).values()].flatMap((own) => own.slice(0, -1))
}

function checkLetters(
  letters: readonly KafkaRecord[],
  tasks: readonly Task[],
  started: number,
): void {
  /** What is added to the id of a task to make its timestamp; the same for all. */
  const offsets = new Set<number>()
  for (const letter of letters) {
    const task = tasks[taskOf(letter)]
    assert.ok(task)
    const { id, key, fault } = task
    const header = (name: string) => headerOf(letter, name)
    assert.equal(String(letter.key), `key-${key}`)
    assert.equal(String(letter.value), JSON.stringify(task))
    assert.equal(header('original_topic'), 'solana.transfers')
    assert.equal(header('original_partition'), String(partitionOf(task, PARTITIONS)))
    assert.match(header('original_offset') ?? '', /^\d+$/)
    assert.equal(header('original_timestamp'), String(letter.timestamp))
    offsets.add(letter.timestamp - id)
    assert.equal(header('error_type'), 'OCC_HANDLER')
    const message = fault === 'always' ? /this fails always$/m : /TypeError: this is a mistake$/m
    assert.match(header('error_message') ?? '', message)
    const tried = Number(header('attempts'))
    assert.ok(fault === 'always' ? tried === ATTEMPTS : tried >= 1 && tried < ATTEMPTS, `${tried}`)
    assert.equal(header('handler'), 'planned')
    assert.equal(header('redrives'), '0')
    const failedAt = Date.parse(header('failed_at') ?? '')
    assert.ok(failedAt >= started && failedAt <= Date.now(), header('failed_at'))
  }
  assert.equal(offsets.size, 1, 'timestamps are as they were')
}

async function endOf({ brokers, topic, partitions }: Scene): Promise<number> {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const ends = await readEnds(brokers, topic, all)
  return [...ends.values()].reduce((sum, end) => sum + end, 0)
}
