import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { useKafka } from '../../harness.ts'
import { runCommand } from '../process.ts'

const TOPIC = 'solana.transfers'
const PARTITIONS = 3
/** Sent with the timestamps 1 s, 2 s, ... after this. */
const START = Date.UTC(2026, 0, 31, 12)
const MESSAGES = 12

const embedded = useKafka(async ({ createTopic, send }) => {
  await createTopic(TOPIC, PARTITIONS, { 'retention.ms': '-1' })
  const synthesizer = createSynthesizer({ seed: 1, stream: 'solana', lz4Share: 0.5 })
  for (let n = 1; n <= MESSAGES; n++) {
    const { key, value, headers } = synthesizer.next()
    // The last one cannot be decoded.
    const sent = n === MESSAGES ? Buffer.from('{"torn":') : value
    const timestamp = String(START + n * 1000)
    await send(TOPIC, [{ key, value: sent, headers, partition: n % PARTITIONS, timestamp }])
  }
})

const HANDLER = `import { defineHandler } from 'onchain-consumer'
export default defineHandler({
  name: 'counting',
  async handle({ events, record }, { emit }) {
    await emit('counts', { place: record.partition + '/' + record.offset, events: events.length })
  },
})
`

const brokers = () => ['--brokers', embedded.kafka.brokers.plaintext]
const seconds = (n: number) => new Date(START + n * 1000).toISOString()

test('peek prints the last records of all partitions, in the order of their time', async () => {
  const { code, stdout, stderr } = await runCommand(['peek', TOPIC, ...brokers()])
  assert.deepEqual([code, stderr], [0, ''])
  const times = [...stdout.matchAll(/^solana\.transfers\/\d\/\d+ {2}(\S+)$/gm)].map(
    ([, time]) => time,
  )
  assert.deepEqual(times, [8, 9, 10, 11, 12].map(seconds))
  assert.match(stdout, /decoded +OCC_JSON_INVALID: not JSON: it ends too early/)
  assert.match(stdout, /stream +solana\.transfers/)
  assert.match(stdout, /headers +synthetic-id, synthetic-kind/)
})

test('peek begins at a time, and takes one partition only', async () => {
  const since = ['--since', seconds(4), '--count', '3', '--json', ...brokers()]
  const { stdout } = await runCommand(['peek', TOPIC, ...since])
  const records = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    records.map(({ timestamp }) => timestamp),
    [4, 5, 6].map(seconds),
  )
  const one = await runCommand(['peek', TOPIC, ...since, '--partition', '1'])
  const ofOne = one.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    ofOne.map(({ partition, timestamp }) => [partition, timestamp]),
    [4, 7, 10].map((n) => [1, seconds(n)]),
  )
  const late = await runCommand(['peek', TOPIC, '--since', seconds(99), ...brokers()])
  assert.deepEqual([late.code, late.stdout], [0, ''])
  assert.match(late.stderr, /solana\.transfers has no record since /)
})

test('a mistake is one line with its remedy', async () => {
  const noTopic = await runCommand(['peek', 'solana.transfer', ...brokers()])
  assert.equal(noTopic.code, 1)
  assert.match(
    noTopic.stderr,
    /^Reading the topic "solana\.transfer": the topic does not exist on the brokers\. Check the argument TOPIC, or create it\..* Did you mean "solana\.transfers"\?\n$/,
  )
  const handler = ['handler', 'test', 'h.ts', '--topic', 'solana.transfer', ...brokers()]
  assert.match(
    (await runCommand(handler)).stderr,
    /Check --topic, .* Did you mean "solana\.transfers"/,
  )
  const produce = [
    'dev/produce/main.ts',
    '--topic',
    'solana.transfer',
    '--count',
    '1',
    ...brokers(),
  ]
  const sent = promisify(execFile)(process.execPath, produce)
  await assert.rejects(sent, {
    stderr:
      /"solana\.transfer".* Create it with --create-topic, or name another with --topic\..* Did you mean "solana\.transfers"\?\n$/,
  })
  const noPartition = await runCommand(['peek', TOPIC, '--partition', '9', ...brokers()])
  assert.equal(noPartition.code, 1)
  assert.match(
    noPartition.stderr,
    /^There is no partition 9 of the topic "solana\.transfers": it has 3, from 0 to 2\.\n$/,
  )
})

test('a handler does with what peek printed what it does with the topic, and nothing is left behind', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'counting.ts')
  await writeFile(file, HANDLER)
  const { stdout } = await runCommand(['peek', TOPIC, '--count', '1000', '--json', ...brokers()])
  assert.equal(stdout.trimEnd().split('\n').length, MESSAGES)
  const sample = join(folder, 'samples.ndjson')
  await writeFile(sample, stdout)
  const expected = join(folder, 'expected.ndjson')
  const saved = await runCommand(['handler', 'test', file, '--sample', sample, '--save', expected])
  assert.deepEqual([saved.code, saved.stderr], [0, ''])
  assert.match(saved.stdout, /12 records: 11 ok, 1 retry; 11 values emitted/)
  const since = ['--topic', TOPIC, '--since', seconds(1), ...brokers()]
  const real = await runCommand(['handler', 'test', file, ...since, '--expect', expected])
  assert.deepEqual([real.code, real.stderr], [0, ''])
  assert.match(real.stdout, /As expected by /)
  const other = await runCommand([
    'handler',
    'test',
    file,
    ...since,
    '--count',
    '5',
    '--expect',
    expected,
  ])
  assert.equal(other.code, 1)
  const { groups } = await embedded.admin.listGroups()
  assert.deepEqual(groups, [])
  const topics = await embedded.admin.listTopics()
  // The broker's own may be there from before.
  assert.deepEqual(
    topics.filter((topic) => !topic.startsWith('__')),
    [TOPIC],
  )
})

test('an error that the handler does not await is said, and fails the command', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'stray.ts')
  await writeFile(
    file,
    `export default { name: 'stray', async handle() {
      void Promise.reject(new Error('lost'))
      await new Promise((resolve) => setImmediate(resolve))
    } }`,
  )
  await writeFile(join(folder, 'samples.ndjson'), '{}\n')
  const { code, stdout, stderr } = await runCommand([
    'handler',
    'test',
    file,
    '--sample',
    join(folder, 'samples.ndjson'),
  ])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /handler\.stray-error .* begun by the handler stray in its call with sample\/0@0: lost/,
  )
  assert.match(stdout, /Errors outside of the handler's promise: 1/)
})
