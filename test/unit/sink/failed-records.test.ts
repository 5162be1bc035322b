import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { DeadLetter } from '../../../src/kernel/dead-letter.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import type { KafkaRecord } from '../../../src/kernel/record.ts'
import { createFailedRecords } from '../../../src/sink/failed-records.ts'

const ERROR = new OccError('OCC_JSON', 'not JSON: "{"')
const PLENTY = 1_000_000_000

function letterOf(record: KafkaRecord): DeadLetter {
  return { record, error: ERROR, handler: null, attempts: 1, failedAt: Date.now(), redrives: 0 }
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'failed-records-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function recordAt(offset: number, over: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 'transfers',
    partition: 1,
    offset,
    timestamp: Date.UTC(2025, 0, 2),
    key: null,
    value: Buffer.from('{'),
    headers: undefined,
    ...over,
  }
}

/** The whole lines of the file, parsed. */
function linesOf(file: string): Array<Record<string, unknown>> {
  const text = readFileSync(file, 'utf8')
  assert.ok(text.endsWith('\n'))
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

const offsetsOf = (file: string) => linesOf(file).map((line) => line['original_offset'])

const isCode = (code: string) => (error: unknown) =>
  error instanceof OccError && error.code === code && error.retriable

test('a line holds where the record came from, why it failed, and its bytes', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  const failedRecords = createFailedRecords(file, PLENTY)
  const record = recordAt(42, {
    key: Buffer.from('key'),
    value: Buffer.from([0, 0xff]),
    headers: { one: Buffer.from('1'), text: 'x', many: [Buffer.from('2'), 'y'], none: undefined },
  })
  await failedRecords.keep(letterOf(record))
  const [{ failed_at, ...line } = {}] = linesOf(file)
  assert.deepEqual(line, {
    original_topic: 'transfers',
    original_partition: 1,
    original_offset: 42,
    original_timestamp: '2025-01-02T00:00:00.000Z',
    error_type: 'OCC_JSON',
    error_message: 'not JSON: "{"',
    key: 'a2V5',
    value: 'AP8=',
    headers: { one: 'MQ==', text: 'eA==', many: ['Mg==', 'eQ=='], none: null },
  })
  assert.match(String(failed_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('whatever a producer sent, the record can be kept', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  const failedRecords = createFailedRecords(file, PLENTY)
  const nanoseconds = 1_700_000_000_000_000_000
  // On the wire a header's value can be null, which the type of the client does not say.
  const headers = JSON.parse('{"one": null, "many": [null, "x"], "__proto__": "y"}')
  await failedRecords.keep(letterOf(recordAt(0, { value: null, timestamp: nanoseconds, headers })))
  await failedRecords.keep(letterOf(recordAt(1, { timestamp: -1 })))
  const [first, second] = linesOf(file)
  assert.equal(first?.['value'], null)
  assert.equal(first?.['original_timestamp'], '1700000000000000000')
  assert.equal(
    JSON.stringify(first?.['headers']),
    '{"one":null,"many":[null,"eA=="],"__proto__":"eQ=="}',
  )
  assert.equal(second?.['original_timestamp'], '1969-12-31T23:59:59.999Z')
})

test('when the promise resolves the record is in the file, and synced', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'not', 'there', 'yet', 'failed.ndjson')
  const probe = await open(folder)
  t.after(() => probe.close())
  let synced = ''
  const handle = Object.getPrototypeOf(probe)
  const datasync = handle.datasync
  t.mock.method(handle, 'datasync', async function (this: unknown) {
    await datasync.call(this)
    synced = readFileSync(file, 'utf8')
  })
  const failedRecords = createFailedRecords(file, PLENTY)
  for (const offset of [1, 2, 3]) {
    await failedRecords.keep(letterOf(recordAt(offset)))
    assert.equal(offsetsOf(file).at(-1), offset)
    assert.equal(synced, readFileSync(file, 'utf8'), 'all of it was synced')
  }
  assert.equal(statSync(file).mode & 0o777, 0o600, 'records may be private')
})

test('records kept at the same time all land, whole and in their order, with few syncs', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'failed.ndjson')
  const probe = await open(folder)
  t.after(() => probe.close())
  const datasync = t.mock.method(Object.getPrototypeOf(probe), 'datasync')
  const failedRecords = createFailedRecords(file, PLENTY)
  const offsets = Array.from({ length: 500 }, (_, offset) => offset)
  const value = Buffer.alloc(5_000, 'x')
  await Promise.all(
    offsets.map((offset) => failedRecords.keep(letterOf(recordAt(offset, { value })))),
  )
  assert.deepEqual(offsetsOf(file), offsets)
  assert.equal(datasync.mock.callCount(), 1)
})

test('records kept while a write is under way share the next one', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  const failedRecords = createFailedRecords(file, PLENTY)
  const first = failedRecords.keep(letterOf(recordAt(0)))
  // The first write has begun when these come.
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([
    first,
    ...[1, 2, 3].map((offset) => failedRecords.keep(letterOf(recordAt(offset)))),
  ])
  assert.deepEqual(offsetsOf(file), [0, 1, 2, 3])
})

test('a file of an earlier run is added to; a line that a crash tore apart spoils no other', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  writeFileSync(file, '{"whole": 1}\n{"torn": ')
  const failedRecords = createFailedRecords(file, PLENTY)
  await failedRecords.keep(letterOf(recordAt(7)))
  await failedRecords.keep(letterOf(recordAt(8)))
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.deepEqual(lines.slice(0, 2), ['{"whole": 1}', '{"torn": '])
  assert.deepEqual(
    lines.slice(2, -1).map((line) => JSON.parse(line).original_offset),
    [7, 8],
  )
})

test('past maxBytes nothing more is taken, until the file is moved away', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  const limit = 1_000
  const failedRecords = createFailedRecords(file, limit)
  let kept = 0
  await assert.rejects(async () => {
    for (; kept < 100; kept++) await failedRecords.keep(letterOf(recordAt(kept)))
  }, isCode('OCC_FAILED_RECORDS_FULL'))
  assert.equal(offsetsOf(file).length, kept)
  assert.ok(kept > 0 && statSync(file).size <= limit)
  await assert.rejects(
    failedRecords.keep(letterOf(recordAt(kept))),
    /sink\.failedRecords\.maxBytes/,
  )
  renameSync(file, `${file}.1`)
  await failedRecords.keep(letterOf(recordAt(kept)))
  assert.deepEqual(offsetsOf(file), [kept])
})

test('the limit counts what an earlier run wrote', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  writeFileSync(file, `${'x'.repeat(999)}\n`)
  const failedRecords = createFailedRecords(file, 1_000)
  await assert.rejects(failedRecords.keep(letterOf(recordAt(0))), isCode('OCC_FAILED_RECORDS_FULL'))
})

test('after the file was moved away or deleted, records go to a new one, not to the old', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  const failedRecords = createFailedRecords(file, PLENTY)
  await failedRecords.keep(letterOf(recordAt(0)))
  renameSync(file, `${file}.1`)
  await failedRecords.keep(letterOf(recordAt(1)))
  assert.deepEqual([offsetsOf(`${file}.1`), offsetsOf(file)], [[0], [1]])
  rmSync(file)
  await failedRecords.keep(letterOf(recordAt(2)))
  assert.deepEqual(offsetsOf(file), [2])
})

test('where no file can be, keeping fails, names the place, and works again once it can', async (t) => {
  const folder = temporaryFolder(t)
  const inTheWay = join(folder, 'a-file')
  writeFileSync(inTheWay, '')
  const file = join(inTheWay, 'failed.ndjson')
  const failedRecords = createFailedRecords(file, PLENTY)
  await assert.rejects(failedRecords.keep(letterOf(recordAt(0))), (error: unknown) => {
    assert.ok(isCode('OCC_FAILED_RECORDS_WRITE')(error))
    assert.match(String(error), /a-file.*sink\.failedRecords\.file/)
    return true
  })
  rmSync(inTheWay)
  await failedRecords.keep(letterOf(recordAt(0)))
  assert.deepEqual(offsetsOf(file), [0])
})

test('on a full disk keeping fails for all who wait, leaves no file open, and works again later', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  symlinkSync('/dev/full', file)
  const failedRecords = createFailedRecords(file, PLENTY)
  const keep = (offset: number) => failedRecords.keep(letterOf(recordAt(offset)))
  const openFiles = () => readdirSync('/proc/self/fd').length
  await assert.rejects(keep(0), isCode('OCC_FAILED_RECORDS_WRITE'))
  const before = openFiles()
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled([keep(1), keep(2)])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
  }
  assert.equal(openFiles(), before)
  unlinkSync(file)
  await Promise.all([keep(1), keep(2)])
  assert.deepEqual(offsetsOf(file), [1, 2])
})

test('a failed write does not take the records with it that came after', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  symlinkSync('/dev/full', file)
  const failedRecords = createFailedRecords(file, PLENTY)
  const first = failedRecords.keep(letterOf(recordAt(0)))
  const second = first.catch(() => {
    unlinkSync(file)
    return failedRecords.keep(letterOf(recordAt(1)))
  })
  await assert.rejects(first)
  await second
  assert.deepEqual(offsetsOf(file), [1])
})

test('close waits for what is being kept', async (t) => {
  const file = join(temporaryFolder(t), 'failed.ndjson')
  const failedRecords = createFailedRecords(file, PLENTY)
  const kept = [failedRecords.keep(letterOf(recordAt(0)))]
  await new Promise((resolve) => setImmediate(resolve))
  kept.push(failedRecords.keep(letterOf(recordAt(1))))
  await failedRecords.close()
  assert.deepEqual(offsetsOf(file), [0, 1])
  await Promise.all(kept)
})
