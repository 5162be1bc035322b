import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { main } from '../../../src/cli/index.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { type DeadLetter, groupOf, redrivesOf } from '../../../src/kernel/shapes/dead-letter.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { letterTargetOf } from '../../support/letter-target.ts'
import { letterOf, oddHeaders, recordAt } from '../../support/letters.ts'
import { recordsOf } from '../../support/records/topic-records.ts'
import { MAIN } from '../../support/service-main.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment } from '../service/process.ts'

const embedded = useKafka()
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

let places = 0
type Env = Record<string, string>
const targets: Record<string, () => Env> = {
  file: () => ({}),
  kafka: () => ({ OCC_DEAD_LETTERS_KAFKA_CREATE_TOPIC: 'true' }),
  postgres: () => ({
    OCC_DEAD_LETTERS_POSTGRES_URL_FILE: postgres.urlFile,
    OCC_DEAD_LETTERS_POSTGRES_TABLE: `redrive_${places}`,
  }),
}

/** A topic of one's own, letters of it, and the command beside them. */
async function place(t: TestContext, target: string, over: Env = {}) {
  const topic = `original-${++places}`
  await embedded.createTopic(topic, 3)
  const env: Env = {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_DEAD_LETTERS_TARGET: target,
    ...targets[target]?.(),
    ...over,
  }
  const { target: kept, group } = letterTargetOf(env)
  t.after(() => kept.close())
  const letters = { keep: (letter: DeadLetter) => kept.keep({ ...letter, group }) }

  async function dlq(...args: string[]) {
    const io = fakeIo({ env })
    const code = await main(['dlq', ...args], io)
    return { code, out: io.stdout.written(), error: io.stderr.written() }
  }

  const records = (name = topic) => recordsOf(embedded.broker, name)
  const recordOf = (offset: number) => recordAt(offset, { topic, partition: offset % 3 })
  return { topic, env, group, letters, dlq, records, recordOf }
}

for (const target of Object.keys(targets)) {
  test(`${target}: kept, listed, shown, sent again with the same bytes, gone`, async (t) => {
    const { topic, group, letters, dlq, records, recordOf } = await place(t, target)
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const headers = oddHeaders()
    const binary = { ...recordOf(1), key: bytes, value: bytes, headers }
    await letters.keep(letterOf(1, { record: binary, handler: 'alerts', redrives: 1 }))
    await letters.keep(letterOf(2, { record: recordOf(2) }))

    const list = await dlq('list')
    assert.equal(list.code, 0)
    assert.match(list.out, new RegExp(`[0-9a-f]{16} +${topic}/1/1 .*OCC_JSON +alerts +1 +1$`, 'm'))
    const json = (await dlq('list', '--json', '--handler', 'alerts')).out.trim().split('\n')
    assert.equal(json.length, 1)
    assert.equal(JSON.parse(json[0] ?? '').original_offset, 1)
    const shown = await dlq('show', `${topic}/2/2`)
    assert.match(shown.out, /error +OCC_JSON\nmessage +not JSON.*value-2/s)

    const dry = await dlq('redrive')
    assert.equal(dry.code, 0)
    assert.match(dry.out, /^2 dead letters to the topics they came from[\s\S]*Nothing was sent/)
    assert.deepEqual(await records(), [])

    const sent = await dlq('redrive', '--yes')
    assert.equal(sent.code, 0, sent.out + sent.error)
    assert.match(sent.out, /2 sent to the topics they came from/)
    assert.match(sent.error, /redrive {2}100%/)
    const [first, second, ...others] = (await records()).sort((a, b) => a.partition - b.partition)
    assert.ok(first && second && others.length === 0)
    assert.deepEqual([first.partition, first.key, first.value], [1, bytes, bytes])
    assert.equal(redrivesOf(first), 2)
    assert.deepEqual([first, second].map(groupOf), [group, group])
    const sentHeaders: Record<string, unknown> = { ...first.headers }
    assert.equal(String(sentHeaders['occ-handler']), 'alerts')
    for (const name of ['occ-handler', 'occ-group', 'occ-redrives', 'occ-original-timestamp']) {
      delete sentHeaders[name]
    }
    assert.deepEqual(sentHeaders, { ...headers }, 'byte for byte, nulls and repetitions included')
    assert.deepEqual(second.value, Buffer.from('value-2'))
    assert.equal(redrivesOf(second), 1)
    assert.equal(second.headers?.['occ-handler'], undefined)

    assert.match((await dlq('list')).out, /^No dead letters/)
    assert.match((await dlq('redrive', '--yes')).out, /^0 dead letters/)
    assert.equal((await records()).length, 2)
  })

  test(`${target}: what was redriven too often stays, until it is asked for or dropped`, async (t) => {
    const { letters, dlq, records, recordOf } = await place(t, target)
    await letters.keep(letterOf(1, { record: recordOf(1), redrives: 3 }))
    await letters.keep(letterOf(2, { record: recordOf(2), redrives: 4 }))
    const refused = await dlq('redrive', '--yes')
    assert.match(
      refused.out,
      /^0 dead letters[\s\S]*2 more stay: they were already redriven 3 times/,
    )
    assert.match((await dlq('redrive', '--yes', '--max-redrives', '4')).out, /1 sent/)
    assert.equal((await records()).length, 1)
    assert.match((await dlq('drop')).out, /1 dead letters to drop[\s\S]*Nothing was dropped/)
    assert.match((await dlq('drop', '--yes')).out, /1 dropped/)
    assert.match((await dlq('list')).out, /^No dead letters/)
  })
}

test('what came compressed goes back compressed; what never fits stays, and says why', async (t) => {
  const { topic, letters, dlq, records, recordOf } = await place(t, 'file')
  const value = Buffer.alloc(3_000_000, 'abcdefgh')
  await letters.keep(letterOf(1, { record: { ...recordOf(1), value } }))
  await letters.keep(letterOf(2, { record: { ...recordOf(2), value: randomBytes(1_100_000) } }))
  await letters.keep(letterOf(3, { record: recordOf(3) }))
  const sent = await dlq('redrive', '--yes')
  assert.equal(sent.code, 1)
  assert.match(sent.out, /2 sent[\s\S]*1 stay[\s\S]*OCC_RECORD_TOO_LARGE/)
  const arrived = (await records()).map((record) => record.value?.length)
  assert.deepEqual(arrived.sort(), [3_000_000, 7])
  const left = await dlq('list')
  assert.match(left.out, new RegExp(`${topic}/2/2`))
  assert.doesNotMatch(left.out, /sent\?/)
})

test('what a topic never takes is kept in the fallback, said, listed with its place, and redriven', async (t) => {
  const folder = temporaryFolder(t)
  const { topic, letters, dlq, records, recordOf } = await place(t, 'kafka', {
    OCC_DEAD_LETTERS_FALLBACK: 'file',
    OCC_DEAD_LETTERS_FILE_FOLDER: folder,
  })
  await embedded.createTopic(`${topic}.dlq`, 3, { 'max.message.bytes': '20000' })
  const large = { ...recordOf(1), value: randomBytes(30_000), headers: oddHeaders() }
  await letters.keep(letterOf(1, { record: large }))
  await letters.keep(letterOf(2, { record: recordOf(2) }))
  const list = await dlq('list')
  assert.match(list.out, new RegExp(`${topic}/1/1 .* fallback$`, 'm'))
  assert.match(list.out, new RegExp(`${topic}/2/2 .* 0$`, 'm'))
  assert.ok(list.out.includes(`kept in ${folder}`), list.out)
  const [row = ''] = (await dlq('list', `${topic}/1/1`, '--json')).out.split('\n')
  assert.equal(JSON.parse(row).kept_in, folder)
  assert.match((await dlq('show', `${topic}/1/1`)).out, /kept in +\//)

  // It failed again, and by then it fitted: it is in both places, and one letter.
  await embedded.kafka.tools.configs([
    ...['--entity-type', 'topics', '--entity-name', `${topic}.dlq`, '--alter'],
    ...['--add-config', 'max.message.bytes=1000000'],
  ])
  await letters.keep(letterOf(1, { record: large, failedAt: letterOf(1).failedAt + 1_000 }))
  assert.equal((await dlq('list', '--json')).out.trim().split('\n').length, 2)
  const sent = await dlq('redrive', '--yes')
  assert.match(sent.out, /2 sent/, sent.out + sent.error)
  assert.equal((await records()).length, 2)
  assert.match((await dlq('list')).out, /^No dead letters/)
  assert.deepEqual(await readdir(folder), [])
})

test('to another topic, at a rate, only what fits the filter', async (t) => {
  const { topic, letters, dlq, records, recordOf } = await place(t, 'file')
  await embedded.createTopic(`${topic}-other`, 2)
  for (const offset of [1, 2, 3]) {
    await letters.keep(letterOf(offset, { record: recordOf(offset), handler: `h${offset}` }))
  }
  const flags = ['--to-topic', `${topic}-other`, '--rate', '1000', '--handler', 'h1,h3', '--yes']
  assert.match((await dlq('redrive', ...flags)).out, /2 sent to original-\d+-other/)
  const found = await records(`${topic}-other`)
  assert.deepEqual(found.map(({ value }) => String(value)).sort(), ['value-1', 'value-3'])
  assert.deepEqual(found.map(groupOf), [null, null], 'whoever reads that topic handles them')
  assert.deepEqual(await records(), [])
})

test('letters of version 0.1, which name no group, are listed in each and redriven for the one that asks', async (t) => {
  const { topic, env, group, letters, dlq, records } = await place(t, 'file')
  const old = {
    id: 'an id',
    original_topic: topic,
    original_partition: 0,
    original_offset: 7,
    original_timestamp: '2025-01-02T00:00:00.000Z',
    error_type: 'OCC_JSON',
    error_message: 'not JSON',
    failed_at: '2025-01-02T03:04:05.006Z',
    attempts: 1,
    handler: null,
    redrives: 0,
    key: null,
    value: 'YQ==',
    headers: {},
  }
  const folder = env['OCC_DEAD_LETTERS_FILE_FOLDER'] ?? ''
  await mkdir(folder)
  await writeFile(join(folder, 'old-1.ndjson'), `${JSON.stringify(old)}\n`)
  await letters.keep(letterOf(1, { record: recordAt(1, { topic }) }))
  const list = await dlq('list')
  assert.match(list.out, /Group/)
  assert.match(list.out, new RegExp(`${topic}/0/7 .*Z +- +OCC_JSON`))
  assert.match((await dlq('list', '--group', 'another')).out, /\/0\/7[\s\S]*1 more of other groups/)
  assert.match((await dlq('redrive', '--yes')).out, /2 sent/)
  assert.deepEqual((await records()).map(groupOf), [group, group])
  assert.match((await dlq('list')).out, /^No dead letters/)
})

test('totals: by error, handler and topic, the most frequent first', async (t) => {
  const { topic, letters, dlq, recordOf } = await place(t, 'file')
  const { failedAt } = letterOf(0)
  const many = Array.from({ length: 60 }, (_, offset) =>
    letterOf(offset, { record: recordOf(offset), failedAt: failedAt + offset * 1_000 }),
  )
  const one = letterOf(60, {
    record: recordOf(60),
    handler: 'alerts',
    error: new OccError('OCC_HANDLER', 'refused \u001b[2J'),
  })
  for (const letter of [...many, one]) await letters.keep(letter)
  const list = await dlq('list')
  assert.match(
    list.out,
    /^61 dead letters, failed from 2025-01-02T03:04:05Z to 2025-01-02T03:05:04Z\.$/m,
  )
  assert.match(list.out, /Only the first 50 are shown/)
  const totals = await dlq('list', '--by', 'error,handler,topic')
  const rows = totals.out.split('\n')
  const facts = `${topic} +2025-01-02T03:04:05Z`
  assert.match(rows[2] ?? '', new RegExp(`^ +60 +OCC_JSON +- +${facts} +2025-01-02T03:05:04Z`))
  assert.match(rows[3] ?? '', new RegExp(`^ +1 +OCC_HANDLER +alerts +${facts} .*refused .x1b\\[2J`))
  const json = (await dlq('list', '--by', 'error', '--json', '--limit', '1')).out
  const { sample, ...most } = JSON.parse(json)
  assert.equal(most.letters, 60)
  assert.match((await dlq('list', sample)).out, new RegExp(`${topic}/2/59`))
})

test('a topic that is not there: an error, and no letter counts as sent', async (t) => {
  const { letters, dlq, recordOf } = await place(t, 'file')
  await letters.keep(letterOf(1, { record: recordOf(1) }))
  await assert.rejects(dlq('redrive', '--to-topic', 'nowhere', '--yes'), {
    code: 'OCC_TOPIC_UNKNOWN',
  })
  assert.match((await dlq('redrive', '--yes')).out, /1 sent/)
})

test('killed in the middle, it continues where it was, and sends no letter twice', async (t) => {
  const { env, letters, dlq, records, recordOf } = await place(t, 'file')
  const count = 400
  await Promise.all(
    Array.from({ length: count }, (_, offset) =>
      letters.keep(letterOf(offset, { record: recordOf(offset) })),
    ),
  )
  const child = spawn(process.execPath, [MAIN, 'dlq', 'redrive', '--yes', '--rate', '100'], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], ...env },
  })
  const gone = once(child, 'close')
  t.after(() => child.kill('SIGKILL'))
  await until(async () => {
    const offsets = await embedded.admin.fetchTopicOffsets(recordOf(0).topic)
    return offsets.some(({ high }) => Number(high) > 20)
  }, 'the first are sent')
  child.kill('SIGKILL')
  assert.deepEqual(await gone, [null, 'SIGKILL'], 'it was killed in the middle')
  const again = await dlq('redrive', '--yes')
  assert.equal(again.code, 0, again.error)
  const values = (await records()).map(({ value }) => String(value))
  assert.equal(new Set(values).size, values.length, 'none is there twice')
  const left = (await dlq('list', '--json')).out.split('\n').filter((line) => line !== '')
  assert.ok(left.every((line) => JSON.parse(line).sending_since !== null))
  assert.ok(values.length + left.length >= count, `${values.length} sent, ${left.length} uncertain`)
  if (left.length > 0) {
    assert.match(again.out, /more stay: a redrive ended while sending them/)
    await dlq('redrive', '--yes', '--resend')
  }
  const all = new Set((await records()).map(({ value }) => String(value)))
  assert.equal(all.size, count)
  const folder = env['OCC_DEAD_LETTERS_FILE_FOLDER'] ?? ''
  assert.deepEqual(await readdir(folder), [], 'files whose letters are all handled are deleted')
})

test('mistakes are one line each, with exit code 2', async (t) => {
  const { dlq } = await place(t, 'file')
  for (const [args, said] of [
    [[], /dlq needs an action: list, show, redrive, drop/],
    [['lis'], /unknown action "lis" of dlq; did you mean list/],
    [['show'], /give an ID/],
    [['show', 'xyz'], /"xyz" does not name a letter/],
    [['redrive', '--to-topic', 'a', '--to-handlers'], /exclude each other/],
    [['redrive', '--to-group', 'a', '--to-handlers'], /--to-group and --to-handlers exclude/],
    [['list', '--by', 'errors'], /--by is errors; did you mean error/],
    [['redrive', '--max-redrives', '0'], /--max-redrives is 0/],
    [['list', '--since', 'yesterday'], /--since: yesterday is not understood; give an age/],
    [['list', '--since', '1h', '--until', '2h'], /is not before/],
  ] as const) {
    const { code, error } = await dlq(...args)
    assert.equal(code, 2)
    assert.match(error, said)
  }
  const none = await dlq('show', '0123456789abcdef')
  assert.equal(none.code, 1)
  assert.ok(none.error.endsWith('\nThere is no dead letter 0123456789abcdef.\n'), none.error)
})
