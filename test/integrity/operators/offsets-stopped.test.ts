// The offsets of a group without members: set by the command from every kind of source, they are
// what Kafka's own tool then describes. Offsets that nobody chose stay.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { offsets } from '../../../src/cli/offsets/offsets.ts'
import { codeOf } from '../../../src/kernel/errors.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { createScene, type Scene, startProducer } from '../support/setup.ts'

const TOPICS = ['a', 'b', 'c']
const PARTITIONS = 3
const RECORDS = 200
/** Timestamps of the records of a partition: one a second from here. */
const FIRST = Date.parse('2026-01-31T12:00:00Z')
/** Retention would delete them all. */
const FOREVER = { 'retention.ms': '-1' }
/** Deleted of a/0, as by retention. */
const DELETED = 30

type Offsets = Readonly<Record<string, number>>

test('stopped group: every source, equal to what Kafka describes', async (t) => {
  const scene = await createScene(t, { topic: 'a', partitions: PARTITIONS, topicConfig: FOREVER })
  const producer = await startProducer(t, scene.brokers)
  for (const topic of ['b', 'c']) await scene.kafka.tools.createTopic(topic, PARTITIONS, FOREVER)
  for (const topic of TOPICS) await fill(topic)
  const file = (name: string) => join(scene.folder, name)
  const expected = new Map<string, Offsets>()
  let sets = 0
  let compared = 0
  const deletion = { version: 1, partitions: [{ topic: 'a', partition: 0, offset: DELETED }] }
  writeFileSync(file('deletion.json'), JSON.stringify(deletion))
  await scene.kafka.tools.deleteRecords(['--offset-json-file', file('deletion.json')])

  async function fill(topic: string): Promise<void> {
    const messages = Array.from({ length: PARTITIONS * RECORDS }, (_, index) => {
      const number = Math.floor(index / PARTITIONS)
      const timestamp = String(FIRST + number * 1000)
      return { partition: index % PARTITIONS, value: `${number}`, timestamp }
    })
    await producer.send({ topic, messages, acks: -1 })
  }

  async function run(group: string, ...args: readonly string[]) {
    const io = fakeIo({ env: { KAFKA_BOOTSTRAP_SERVERS: scene.brokers } })
    const code = await offsets([...args, '--group', group], io)
    return { code, out: io.stdout.written() }
  }

  /** Sets, and notes what is to be there then. */
  async function set(group: string, offsets: Offsets, ...args: readonly string[]) {
    sets += 1
    const done = await run(group, ...args, '--yes', '--undo', file(`undo-${sets}.json`))
    assert.equal(done.code, 0, done.out)
    expected.set(group, offsets)
    return done
  }

  /** Compares all groups with what Kafka's tool says, in one run of it. */
  async function compare() {
    const found = await described(scene)
    assert.deepEqual(found, Object.fromEntries(expected))
    for (const offsets of expected.values()) compared += Object.keys(offsets).length
  }

  const all = (offsetOf: (topic: string, partition: number) => number): Offsets =>
    Object.fromEntries(
      TOPICS.flatMap((topic) =>
        Array.from({ length: PARTITIONS }, (_, partition) => [
          `${topic}/${partition}`,
          offsetOf(topic, partition),
        ]),
      ),
    )
  const everything = ['--topic', TOPICS.join(), '--all-partitions']

  // The plan changes nothing, not even a group that does not exist.
  const planned = await run('one', 'plan', ...everything, '--to', '50', '--out', file('plan.json'))
  assert.equal(planned.code, 0)
  await compare()
  const at50 = all(() => 50)
  const fresh = ['--to', `file:${file('plan.json')}`, '--yes', '--undo', file('fresh.json')]
  await assert.rejects(run('one', 'set', ...fresh), {
    code: 'OCC_OFFSETS_SKIP',
    message: /420 records/,
  })
  await set('one', at50, 'set', '--to', `file:${file('plan.json')}`, '--allow-skip')

  // By time: the offset is the second of the timestamp. Only what was chosen moves.
  const byTime = { ...at50, 'b/0': 120, 'b/2': 120 }
  const time = new Date(FIRST + 119_500).toISOString()
  const choice = ['--topic', 'b', '--partition', '0,2', '--to', time]
  await assert.rejects(run('one', 'set', ...choice, '--yes', '--undo', file('refused.json')), {
    code: 'OCC_OFFSETS_SKIP',
    message: /140 records/,
  })
  await compare()
  await set('one', byTime, 'set', ...choice, '--allow-skip')

  // From another group, into one that has nothing.
  await set('two', byTime, 'set', '--all-topics', '--to', 'group:one', '--allow-skip')

  // Export and import, into a third.
  const exported = await run('two', 'export', '--out', file('export.json'))
  assert.equal(exported.code, 0)
  await set('three', byTime, 'import', file('export.json'), '--allow-skip')

  await compare()

  // The first and the last; retention is said, with the number.
  await set(
    'three',
    all((topic, partition) => (`${topic}${partition}` === 'a0' ? DELETED : 0)),
    'set',
    '--all-topics',
    '--to',
    'beginning',
  )
  const beyond = await set(
    'three',
    all((topic, partition) => (`${topic}${partition}` === 'a0' ? DELETED : 10)),
    'set',
    '--all-topics',
    '--to',
    '10',
    '--allow-skip',
  )
  assert.match(beyond.out, /a\/0: retention has deleted 20 of the records wanted; 30 is the first/)
  const past = await set(
    'three',
    all(() => RECORDS),
    'set',
    '--all-topics',
    '--to',
    '100000',
    '--allow-skip',
  )
  assert.match(past.out, /99,800 beyond the end, 200/)
  await set(
    'three',
    all(() => RECORDS - 20),
    'set',
    '--all-topics',
    '--to',
    '-20',
  )
  // What was skipped before was never handled, so it is no replay; what a member committed is one.
  assert.doesNotMatch((await run('three', 'status')).out, /left/)
  const asCommitted = ['--reset-offsets', '--to-current', '--group', 'two', '--all-topics']
  await scene.kafka.tools.consumerGroups([...asCommitted, '--execute'])
  const back20 = Object.entries(byTime).map(([name, offset]) => [name, offset - 20] as const)
  await set('two', Object.fromEntries(back20), 'set', '--all-topics', '--to', '-20')
  assert.match((await run('two', 'status')).out, /0 %, 20 left/)
  // The end of a replay is no skip: all of it was handled before.
  await set('two', byTime, 'cancel', '--all-topics')

  // What an operator did in between makes an older plan void; the undo brings back what was.
  const back = await run(
    'one',
    'plan',
    ...everything,
    '--to',
    'beginning',
    '--out',
    file('old.json'),
  )
  assert.equal(back.code, 0)
  await set(
    'one',
    all((topic, partition) => (`${topic}${partition}` === 'a0' ? DELETED : 5)),
    'set',
    ...everything,
    '--to',
    '5',
  )
  await compare()
  const undo = file(`undo-${sets}.json`)
  await assert.rejects(run('one', 'set', '--to', `file:${file('old.json')}`, '--yes'), {
    code: 'OCC_OFFSETS_MOVED',
  })
  // Of these, records were passed by unhandled before: it says so again.
  await assert.rejects(run('one', 'import', undo, '--yes'), { code: 'OCC_OFFSETS_SKIP' })
  await set('one', byTime, 'import', undo, '--allow-skip')
  await compare()
  await assert.rejects(run('one', 'import', undo, '--yes'), { code: 'OCC_OFFSETS_MOVED' })

  // A group with a member is not touched; it says how to go on.
  const service = await scene.start({ KAFKA_GROUP_ID: 'one', KAFKA_TOPICS: 'a' })
  await service.ready()
  const refused = await run(
    'one',
    'set',
    ...everything,
    '--to',
    '0',
    '--yes',
    '--undo',
    file('active.json'),
  ).catch(codeOf)
  assert.equal(refused, 'OCC_GROUP_ACTIVE')
  assert.throws(() => readFileSync(file('active.json')))
  await service.terminate()

  console.log(`stopped groups: ${compared} offsets compared with Kafka's tool, all equal`)
})

/** The committed offsets of each group that `kafka-consumer-groups` prints, by `topic/partition`. */
async function described(scene: Scene): Promise<Record<string, Record<string, number>>> {
  const { stdout } = await scene.kafka.tools.consumerGroups(['--describe', '--all-groups'])
  const found: Record<string, Record<string, number>> = {}
  for (const line of stdout.split('\n')) {
    const [group = '', topic, partition, offset] = line.trim().split(/\s+/)
    if (!Number.isInteger(Number(offset))) continue
    found[group] = { ...found[group], [`${topic}/${partition}`]: Number(offset) }
  }
  return found
}
