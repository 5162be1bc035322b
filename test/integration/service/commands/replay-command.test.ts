import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until, useKafka } from '../../harness.ts'
import { runHere } from '../process.ts'

const TOPIC = 'numbers'
/** Sent with the timestamps 1 s, 2 s, ... after this. */
const START = Date.UTC(2026, 0, 31, 12)
const seconds = (n: number) => new Date(START + n * 1000).toISOString()

const embedded = useKafka(async ({ createTopic, send }) => {
  await createTopic(TOPIC, 2, { 'retention.ms': '-1' })
  for (let n = 1; n <= 12; n++) {
    const timestamp = String(START + n * 1000)
    // Records that were redriven for one handler only.
    const headers = { 9: { 'occ-handler': 'first' }, 10: { 'occ-handler': 'second' } }[n] ?? {}
    await send(TOPIC, [{ value: `{"n":${n}}`, partition: n % 2, timestamp, headers }])
  }
})

const HANDLER = `export default {
  name: 'emitting',
  async handle({ document: { n } }, { emit, options }) {
    if (n === options.fails) throw new TypeError('no ' + n)
    await emit('out', { by: options.by, n })
  },
}
`

function scene(t: TestContext, options: object = {}, topic = TOPIC, corruptBatches = 'hold') {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'handler.mjs'), HANDLER)
  const handler = (name: string) => ({
    ...{ path: './handler.mjs', name },
    options: { by: name, ...options },
  })
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      kafka: {
        ...{ brokers: [embedded.kafka.brokers.plaintext], topics: [topic], groupId: 'g' },
        restartWindow: '1s',
      },
      handlers: [handler('first'), handler('second')],
      sinks: { out: { type: 'file', path: './out.ndjson' } },
      deadLetters: { corruptBatches, file: { folder: './letters' } },
      retry: { attempts: 2, backoff: '1ms' },
    }),
  )
  const letters = join(folder, 'letters')
  return {
    run: (...args: string[]) => runHere(['replay', ...args, '--config', config]),
    progress: join(folder, 'progress.json'),
    /** What the sink got, such as `first 3`, in order. */
    emitted() {
      const file = join(folder, 'out.ndjson')
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
      const values = lines.map((line) => JSON.parse(line).value ?? JSON.parse(line))
      return values.map(({ by, n }) => `${by} ${n}`).sort()
    },
    letters: () => (existsSync(letters) ? readdirSync(letters) : []),
  }
}

test('a range goes through one handler and its sink, and no group is made', async (t) => {
  const { run, emitted, letters } = scene(t)
  const range = ['--from', seconds(4), '--to', seconds(11), '--handler', 'first']
  const { code, stdout, stderr } = await run(...range)
  assert.deepEqual([code, letters()], [0, []], stderr)
  assert.match(stdout, /^Replay of numbers from .* handler first: 7 offsets\.$/m)
  assert.match(stdout, /^Done: 7 offsets, 0 dead letters\.$/m)
  // The tenth was redriven for the other handler alone.
  assert.deepEqual(emitted(), ['first 4', 'first 5', 'first 6', 'first 7', 'first 8', 'first 9'])
  const { groups } = await embedded.admin.listGroups()
  assert.deepEqual(groups, [])
})

test('what cannot be handled is a dead letter, named at the end; the exit code is 1', async (t) => {
  const { run, emitted, letters } = scene(t, { fails: 3 })
  const { code, stdout } = await run(
    '--from',
    seconds(1),
    '--to',
    seconds(12),
    '--handler',
    'first',
  )
  assert.equal(code, 1)
  assert.match(stdout, /^Dead letters of 1 record \(/m)
  assert.match(stdout, /^ {2}numbers\/1\/1 {2}first.*no 3$/m)
  assert.equal(letters().filter((name) => name.endsWith('.ndjson')).length, 1)
  assert.equal(emitted().length, 9)
})

test('what fails at the end of the range is named as not handled', async (t) => {
  const { run, letters } = scene(t, { fails: 11 })
  const { code, stdout } = await run(
    '--from',
    seconds(11),
    '--to',
    seconds(12),
    '--handler',
    'first',
  )
  assert.equal(code, 1)
  assert.match(stdout, /^Not handled, .*\n {2}numbers\/1\/5\nEnded after 0 of 1 offset;/m)
  assert.deepEqual(letters(), [])
})

test('a dry run says what would be done, and sends nothing', async (t) => {
  const { run, emitted, letters } = scene(t, { fails: 3 })
  const range = ['--from', seconds(1), '--to', seconds(11), '--handler', 'second']
  const { code, stdout } = await run(...range, '--dry-run')
  assert.equal(code, 1)
  assert.match(stdout, /^records +10$/m)
  assert.match(stdout, /^values to out +9$|^values to out +8$/m)
  assert.match(stdout, /^numbers\/1\/1: retry, OCC_HANDLER: .*no 3$/m)
  assert.deepEqual([emitted(), letters()], [[], []])
})

test('a mistake is one line: a time without a zone, a handler or a topic that is not there', async (t) => {
  const { run } = scene(t)
  const said = async (...args: string[]) => (await run(...args)).stderr
  assert.match(await said('--from', '2026-01-31T12:00:00'), /has no time zone, .* for UTC/)
  assert.match(await said('--from', seconds(1), '--handler', 'firs'), /Did you mean first\?/)
  assert.match(await said('--from', seconds(1), '--topic', 'number'), /Did you mean numbers\?/)
  assert.match(await said('--from', seconds(5), '--to', seconds(1)), /is not before --to/)
})

test('a handler that wants to join a transaction ends the replay, which has none', async (t) => {
  const folder = temporaryFolder(t)
  const code = `export default { name: 'joins', async handle(_, { transaction }) { transaction(async () => {}) } }`
  writeFileSync(join(folder, 'handler.mjs'), code)
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      kafka: { brokers: [embedded.kafka.brokers.plaintext], topics: [TOPIC], groupId: 'g' },
      handlers: [{ path: './handler.mjs' }],
    }),
  )
  const args = ['replay', '--from', seconds(1), '--to', seconds(12), '--config', config]
  const { code: exit, stderr } = await runHere(args)
  assert.equal(exit, 1)
  assert.match(stderr, /The handler joins calls context\.transaction, .*--handler/)
})

test('a batch that stays unreadable ends its partition, which the same command continues', async (t) => {
  const topic = 'unreadable'
  await embedded.createTopic(topic, 2, { 'retention.ms': '-1' })
  const timestamp = String(START + 1000)
  for (const n of [1, 2, 3]) {
    const record = { value: `{"n":${n}}`, timestamp }
    await embedded.send(topic, [
      { ...record, partition: 0 },
      { ...record, partition: 0 },
    ])
    await embedded.send(topic, [{ ...record, partition: 1 }])
  }
  await embedded.kafka.nodes[0]?.damage(topic, 0, { offset: 2, how: 'payload' })
  const held = scene(t, {}, topic)
  const range = ['--from', seconds(0), '--to', seconds(2), '--handler', 'first']
  const first = await held.run(...range, '--progress', held.progress)
  assert.equal(first.code, 1)
  assert.match(
    first.stdout,
    /^unreadable\/0: offsets 2 to 3 cannot be read \(codec none\), tried for \d+ s \(kafka\.restartWindow\): .* set deadLetters\.corruptBatches to keep/m,
  )
  assert.match(first.stdout, /^Ended after 5 of 9 offsets; the same command/m)
  assert.deepEqual([held.emitted().length, held.letters()], [5, []])

  const keeping = scene(t, {}, topic, 'keep')
  const second = await keeping.run(...range, '--progress', held.progress)
  assert.equal(second.code, 1)
  assert.match(second.stdout, /^Dead letters of 1 record \(/m)
  assert.match(second.stdout, /^Done: 9 offsets, 1 dead letter\.$/m)
  assert.deepEqual(keeping.emitted(), ['first 3', 'first 3'])
})

test('what is left of a replay is not read from a topic that was made anew meanwhile', async (t) => {
  const topic = 'replaced'
  const make = async (...numbers: number[]) => {
    await embedded.createTopic(topic, 1, { 'retention.ms': '-1' })
    for (const n of numbers) {
      await embedded.send(topic, [{ value: `{"n":${n}}`, timestamp: String(START + n * 1000) }])
    }
  }
  await make(1, 2, 3)
  const { run, progress, emitted } = scene(t, {}, topic)
  const args = ['--from', seconds(1), '--to', seconds(3), '--handler', 'first']
  assert.equal((await run(...args, '--progress', progress)).code, 0)
  // As after a kill behind the first record.
  const { parts, ...kept } = JSON.parse(readFileSync(progress, 'utf8'))
  const [part] = parts.g
  writeFileSync(progress, JSON.stringify({ ...kept, parts: { g: [{ ...part, from: 1 }] } }))
  await embedded.admin.deleteTopics({ topics: [topic] })
  await until(async () => !(await embedded.admin.listTopics()).includes(topic), 'its end')
  await make(7, 8, 9)
  const { code, stdout } = await run(...args, '--progress', progress)
  assert.equal(code, 1)
  assert.match(
    stdout,
    /^replaced\/0: the topic was deleted and made anew, .* 1 offsets \(1 to 1\)/m,
  )
  assert.match(stdout, /^Ended after 1 of 2 offsets;/m)
  assert.deepEqual(emitted(), ['first 1', 'first 2'])
})
