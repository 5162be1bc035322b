import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { createSynthesizer } from '../../../../dev/synthetic/synthesizer.ts'
import { MAIN } from '../../../support/service-main.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until, useKafka } from '../../harness.ts'
import { runHere } from '../process.ts'

const TOPIC = 'solana.transfers'
const TRON = 'tron.broadcasted.transactions'
const PARTITIONS = 3
/** Sent with the timestamps 1 s, 2 s, ... after this. */
const START = Date.UTC(2026, 0, 31, 12)
const MESSAGES = 30

const embedded = useKafka(async ({ createTopic, send }) => {
  await createTopic(TOPIC, PARTITIONS, { 'retention.ms': '-1' })
  await createTopic(TRON, 1, { 'retention.ms': '-1' })
  const solana = createSynthesizer({ seed: 1, stream: 'solana', lz4Share: 0.5 })
  for (let n = 1; n <= MESSAGES; n++) {
    const { key, value } = solana.next()
    const timestamp = String(START + n * 1000)
    const headers = { n: String(n) }
    await send(TOPIC, [{ key, value, headers, partition: n % PARTITIONS, timestamp }])
  }
  const tron = createSynthesizer({ seed: 1, stream: 'tron' })
  await send(TRON, [{ value: tron.next().value }, { value: '{"torn":' }])
})

const brokers = () => ['--brokers', embedded.kafka.brokers.plaintext]
const seconds = (n: number) => new Date(START + n * 1000).toISOString()

async function readJson(...args: string[]) {
  const { code, stdout, stderr } = await runHere(['read', ...args, '--json', ...brokers()])
  const lines = stdout === '' ? [] : stdout.trimEnd().split('\n')
  return { code, stderr, records: lines.map((line) => JSON.parse(line)) }
}

const placesOf = (records: ReadonlyArray<{ partition: number; offset: number }>) =>
  records.map(({ partition, offset }) => `${partition}@${offset}`).sort()

test('read prints given partitions of several topics, each from its own place', async () => {
  const all = await readJson(TOPIC)
  assert.deepEqual([all.code, all.stderr, all.records.length], [0, '', MESSAGES])
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const offsets = all.records.filter((each) => each.partition === partition)
    assert.deepEqual(
      offsets.map(({ offset }) => offset),
      Array.from({ length: 10 }, (_, offset) => offset),
    )
  }
  const some = await readJson(`${TOPIC}:1-2@7`, `${TOPIC}:0@-2`, `${TRON}@BEGINNING`)
  assert.deepEqual(placesOf(some.records.filter(({ topic }) => topic === TOPIC)), [
    '0@8',
    '0@9',
    '1@7',
    '1@8',
    '1@9',
    '2@7',
    '2@8',
    '2@9',
  ])
  // What cannot be decoded is a line too, with its bytes and the reason.
  const [good, torn] = some.records.filter(({ topic }) => topic === TRON)
  assert.equal(typeof good.value, 'object')
  assert.deepEqual(
    [torn.value, torn.decoded.problem.slice(0, 16)],
    ['{"torn":', 'OCC_JSON_INVALID'],
  )
  const range = await readJson(`${TOPIC}@${seconds(10)}`, '--until', seconds(14))
  assert.deepEqual(range.records.map(({ headers }) => headers.n).sort(), ['10', '11', '12', '13'])
  const first = await readJson(TOPIC, '--count', '4')
  assert.equal(first.records.length, 4)
})

test('read filters as handlers do, and by text', async () => {
  const { records } = await readJson(TOPIC, '--events')
  const events = records.flatMap(({ decoded }) => decoded.events)
  const [{ from: address }] = events
  const expected = records.filter(({ decoded }) =>
    decoded.events.some((event: { addresses: string[] }) => event.addresses.includes(address)),
  )
  assert.ok(expected.length > 0 && expected.length < MESSAGES)
  const filter = JSON.stringify({ addresses: [address] })
  const passing = await readJson(TOPIC, '--filter', filter)
  assert.deepEqual(placesOf(passing.records), placesOf(expected))
  const found = await readJson(TOPIC, '--grep', address)
  assert.deepEqual(placesOf(found.records), placesOf(expected))
  const wrong = await runHere(['read', TOPIC, '--filter', '{"adresses":["x"]}', ...brokers()])
  assert.equal(wrong.code, 1)
  assert.match(wrong.stderr, /adresses.*addresses/s)
})

test('read follows, and ends quietly when its reader is gone or with Ctrl-C', async (t) => {
  const topic = 'followed'
  await embedded.createTopic(topic)
  const args = ['read', `${topic}@END`, '--follow', '--value', ...brokers()]
  const follow = () => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    t.after(() => child.kill('SIGKILL'))
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const lines = createInterface(child.stdout)
    const seen: string[] = []
    lines.on('line', (line) => seen.push(line))
    return { child, seen, stderr: () => stderr, exit: once(child, 'exit') }
  }
  const [gone, stopped] = [follow(), follow()]
  let n = 0
  await until(async () => {
    n += 1
    await embedded.produce(topic, [`{"n":${n}}`])
    return gone.seen.length > 0 && stopped.seen.length > 0
  }, 'both to read a record')
  gone.child.stdout.destroy()
  stopped.child.kill('SIGINT')
  assert.deepEqual([await stopped.exit, stopped.stderr()], [[0, null], ''])
  let isOver = false
  void gone.exit.then(() => {
    isOver = true
  })
  await until(async () => {
    await embedded.produce(topic, ['{"more":true}'])
    return isOver
  }, 'it to notice that its reader is gone')
  assert.deepEqual([await gone.exit, gone.stderr()], [[0, null], ''])
})

test('read says what retention has deleted, and a mistake is one line', async () => {
  const topic = 'deleted'
  await embedded.createTopic(topic)
  await embedded.produce(topic, ['{"a":1}', '{"a":2}', '{"a":3}'])
  await embedded.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
  const { code, stderr, records } = await readJson(`${topic}@0`)
  assert.deepEqual([code, placesOf(records)], [0, ['0@2']])
  assert.equal(
    stderr,
    'deleted/0: retention has deleted offsets 0 to 1; the first record is at 2.\n',
  )
  const said = async (...args: string[]) => {
    const result = await runHere(['read', ...args, ...brokers()])
    assert.equal(result.stdout, '')
    return `${result.code} ${result.stderr}`
  }
  assert.match(
    await said('solana.transfer'),
    /^1 Reading the topic "solana\.transfer".*Did you mean "solana\.transfers"\?\n$/,
  )
  assert.match(await said(`${TOPIC}:7`), /^1 There is no partition 7 of the topic .* it has 3, /)
  assert.match(
    await said(`${TOPIC}:0@99`),
    /^1 solana\.transfers\/0 ends at offset 10, and 99 is beyond/,
  )
  assert.match(await said(`${TOPIC}@2026-01-31T12:00:00`), /^2 .*has no time zone/)
  const { groups } = await embedded.admin.listGroups()
  assert.deepEqual(groups, [])
})

test('read ends a partition with a batch that stays unreadable, and says so', async (t) => {
  const topic = 'unreadable'
  await embedded.createTopic(topic, 2)
  for (const value of ['1', '2', '3']) await embedded.produce(topic, [value, value])
  await embedded.produce(topic, ['4'], 1)
  // Nothing behind it tells where it ends.
  await embedded.kafka.nodes[0]?.damage(topic, 0, { offset: 4, how: 'end' })
  const config = join(temporaryFolder(t), 'config.yaml')
  await writeFile(config, 'kafka: { restartWindow: 1s }\n')
  const args = ['read', topic, '--value', '--config', config, ...brokers()]
  const { code, stdout, stderr } = await runHere(args)
  assert.deepEqual([code, stdout.trim().split('\n').sort()], [1, ['1', '1', '2', '2', '4']])
  assert.match(
    stderr,
    /^unreadable\/0: the batch at offset 4, whose last offset is not known, cannot be read \(codec unknown\), tried for \d+ s \(kafka\.restartWindow\): .*begin at a time behind it\.$/m,
  )
})

test('produce sends what read printed: the same keys, values, headers, times and partitions', async () => {
  const copy = 'copy'
  await embedded.createTopic(copy, PARTITIONS, { 'retention.ms': '-1' })
  const { stdout } = await runHere(['read', TOPIC, '--json', ...brokers()])
  const sent = await produce(stdout, '--topic', copy, '--compression', 'zstd')
  assert.equal(sent.code, 0, sent.stderr)
  assert.match(sent.stdout, /^Done: 30 records acknowledged, /)
  const copied = await runHere(['read', copy, '--json', ...brokers()])
  const sorted = (text: string) => text.trimEnd().split('\n').sort()
  assert.deepEqual(
    sorted(copied.stdout.replaceAll(`"topic":"${copy}"`, `"topic":"${TOPIC}"`)),
    sorted(stdout),
  )
})

async function produce(input: string, ...args: string[]) {
  const child = spawn(process.execPath, [MAIN, 'produce', ...args, ...brokers()])
  const parts = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    parts.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    parts.stderr += chunk
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, ...parts }
}

test('produce takes lines and folders, names wrong lines, and counts what was acknowledged', async (t) => {
  const topic = 'own'
  await embedded.createTopic(topic, 2, { 'retention.ms': '-1' })
  const lines = '{"from":{"id":7},"n":12345678901234567890}\n\nnot json\n{"from":{}}\n'
  const flags = ['--topic', topic, '--key', 'from.id', '--headers', 'a=1,b=x=y']
  const sent = await produce(
    lines,
    ...flags,
    '--partition',
    '1',
    '--timestamp',
    seconds(5),
    '--json',
  )
  assert.equal(sent.code, 1)
  const counts = JSON.parse(sent.stdout)
  assert.deepEqual([counts.acknowledged, counts.wrong, counts.interrupted], [1, 2, false])
  assert.match(sent.stderr, /^standard input:3: it is not JSON: /m)
  assert.match(sent.stderr, /^standard input:4: it has no text or number at from\.id \(--key\)$/m)
  const folder = join(temporaryFolder(t), 'values')
  await mkdir(folder)
  await writeFile(join(folder, 'a.bin'), Buffer.from([0, 255, 10]))
  await writeFile(join(folder, 'b.txt'), 'two\nlines')
  const files = await runHere([
    'produce',
    folder,
    '--each',
    'file',
    '--topic',
    topic,
    '--partition',
    '0',
    ...brokers(),
  ])
  assert.deepEqual([files.code, files.stderr.includes('wrong')], [0, false])
  const { records } = await readJson(topic)
  const shown = records
    .sort((a, b) => b.partition - a.partition || a.offset - b.offset)
    .map(({ partition, key, headers, timestamp, value }) => ({
      partition,
      key,
      headers,
      timestamp,
      value,
    }))
  assert.equal(shown.length, 3)
  const [line, binary, text] = shown
  assert.deepEqual(
    [line?.partition, line?.key, line?.headers, line?.timestamp],
    [1, '7', { a: '1', b: 'x=y' }, seconds(5)],
  )
  assert.deepEqual([binary?.value, text?.value], [{ base64: 'AP8K' }, 'two\nlines'])
  const raw = await runHere(['read', `${topic}:1`, '--value', ...brokers()])
  assert.equal(raw.stdout, '{"from":{"id":7},"n":12345678901234567890}\n')
  const missing = await runHere(['produce', folder, '--topic', 'ovn', ...brokers()])
  assert.equal(missing.code, 1)
  assert.match(missing.stderr, /Did you mean "own"\?/)
})

test('produce sends what trickles in, and says with Ctrl-C how many were acknowledged', async (t) => {
  const topic = 'trickle'
  await embedded.createTopic(topic)
  const child = spawn(process.execPath, [MAIN, 'produce', '--topic', topic, ...brokers()])
  t.after(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  child.stdin.write('{"n":1}\n{"n":2}\n{"n":3}\n')
  await until(async () => {
    const [partition] = await embedded.admin.fetchTopicOffsets(topic)
    return partition?.high === '3'
  }, 'the records to arrive while the input is open')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  assert.equal(code, 1)
  assert.match(stderr, /^Interrupted: 3 records acknowledged, /m)
})
