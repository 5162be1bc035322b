import assert from 'node:assert/strict'
import {
  existsSync,
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
import { dirname, join } from 'node:path'
import test from 'node:test'
import { type Clock, systemClock } from '../../../../../src/kernel/clock.ts'
import type { DeadLetter } from '../../../../../src/kernel/dead-letter.ts'
import { OccError } from '../../../../../src/kernel/errors.ts'
import type { KafkaRecord } from '../../../../../src/kernel/record.ts'
import {
  createFileTarget,
  type FileTargetOptions,
} from '../../../../../src/sink/dead-letters/file/target.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

const ERROR = new OccError('OCC_JSON_INVALID', 'not JSON: "{"')
const PLENTY = 1_000_000_000

/** The file that the target under test writes to. */
const NAME = 'pod-1.ndjson'

function targetIn(
  folder: string,
  over: Partial<FileTargetOptions> = {},
  clock: Clock = systemClock,
) {
  return createFileTarget(
    {
      folder,
      maxFileBytes: PLENTY,
      maxFileAge: PLENTY,
      maxBytes: PLENTY,
      writer: 'pod-1',
      ...over,
    },
    clock,
  )
}

function letterOf(record: KafkaRecord): DeadLetter {
  return {
    record,
    error: ERROR,
    handler: null,
    attempts: 1,
    failedAt: Date.now(),
    redrives: 0,
    group: 'g',
  }
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

test("a line contains the record's coordinates, the error, and the bytes", async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const target = targetIn(dirname(file))
  const record = recordAt(42, {
    key: Buffer.from('key'),
    value: Buffer.from([0, 0xff]),
    headers: { one: Buffer.from('1'), text: 'x', many: [Buffer.from('2'), 'y'], none: undefined },
  })
  await target.keep(letterOf(record))
  const [{ failed_at, id, ...line } = {}] = linesOf(file)
  assert.deepEqual(line, {
    original_topic: 'transfers',
    original_partition: 1,
    original_offset: 42,
    original_timestamp: '2025-01-02T00:00:00.000Z',
    error_type: 'OCC_JSON_INVALID',
    error_message: 'not JSON: "{"',
    attempts: 1,
    handler: null,
    redrives: 0,
    consumer_group: 'g',
    key: 'a2V5',
    value: 'AP8=',
    headers: { one: 'MQ==', text: 'eA==', many: ['Mg==', 'eQ=='], none: null },
  })
  assert.match(String(id), /^[0-9a-f]{16}$/)
  assert.match(String(failed_at), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

test('any record can be kept, whatever the producer sent', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const target = targetIn(dirname(file))
  const nanoseconds = 1_700_000_000_000_000_000
  // On the wire a header's value can be null, which the type of the client does not say.
  const headers = JSON.parse('{"one": null, "many": [null, "x"], "__proto__": "y"}')
  await target.keep(letterOf(recordAt(0, { value: null, timestamp: nanoseconds, headers })))
  await target.keep(letterOf(recordAt(1, { timestamp: -1 })))
  const [first, second] = linesOf(file)
  assert.equal(first?.['value'], null)
  assert.equal(first?.['original_timestamp'], '1700000000000000000')
  assert.equal(
    JSON.stringify(first?.['headers']),
    '{"one":null,"many":[null,"eA=="],"__proto__":"eQ=="}',
  )
  assert.equal(second?.['original_timestamp'], '1969-12-31T23:59:59.999Z')
})

test('the record is in the file and synced when the promise resolves', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'not', 'there', 'yet', NAME)
  const probe = await open(folder)
  t.after(() => probe.close())
  let synced = ''
  const handle = Object.getPrototypeOf(probe)
  const datasync = handle.datasync
  t.mock.method(handle, 'datasync', async function (this: unknown) {
    await datasync.call(this)
    synced = readFileSync(file, 'utf8')
  })
  const target = targetIn(dirname(file))
  for (const offset of [1, 2, 3]) {
    await target.keep(letterOf(recordAt(offset)))
    assert.equal(offsetsOf(file).at(-1), offset)
    assert.equal(synced, readFileSync(file, 'utf8'), 'all of it was synced')
  }
  assert.equal(statSync(file).mode & 0o777, 0o600, 'records may be private')
})

test('concurrent records are all written, whole and in order, with few syncs', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, NAME)
  const probe = await open(folder)
  t.after(() => probe.close())
  const datasync = t.mock.method(Object.getPrototypeOf(probe), 'datasync')
  const target = targetIn(dirname(file))
  const offsets = Array.from({ length: 500 }, (_, offset) => offset)
  const value = Buffer.alloc(5_000, 'x')
  await Promise.all(offsets.map((offset) => target.keep(letterOf(recordAt(offset, { value })))))
  assert.deepEqual(offsetsOf(file), offsets)
  assert.equal(datasync.mock.callCount(), 1)
})

test('records kept during a write share the next one', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const target = targetIn(dirname(file))
  const first = target.keep(letterOf(recordAt(0)))
  // The first write has begun when these come.
  await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([first, ...[1, 2, 3].map((offset) => target.keep(letterOf(recordAt(offset))))])
  assert.deepEqual(offsetsOf(file), [0, 1, 2, 3])
})

test('a file of an earlier run is appended to; a line torn by a crash damages no other', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  writeFileSync(file, '{"whole": 1}\n{"torn": ')
  const target = targetIn(dirname(file))
  await target.keep(letterOf(recordAt(7)))
  await target.keep(letterOf(recordAt(8)))
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.deepEqual(lines.slice(0, 2), ['{"whole": 1}', '{"torn": '])
  assert.deepEqual(
    lines.slice(2, -1).map((line) => JSON.parse(line).original_offset),
    [7, 8],
  )
})

test('past maxBytes letters are refused, until the file is moved away', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const limit = 1_000
  const target = targetIn(dirname(file), { maxBytes: limit })
  let kept = 0
  await assert.rejects(async () => {
    for (; kept < 100; kept++) await target.keep(letterOf(recordAt(kept)))
  }, isCode('OCC_DEAD_LETTERS_FULL'))
  assert.equal(offsetsOf(file).length, kept)
  assert.ok(kept > 0 && statSync(file).size <= limit)
  await assert.rejects(target.keep(letterOf(recordAt(kept))), /deadLetters\.file\.maxBytes/)
  renameSync(file, `${file}.1`)
  await target.keep(letterOf(recordAt(kept)))
  assert.deepEqual(offsetsOf(file), [kept])
})

test('the limit includes what an earlier run wrote', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  writeFileSync(file, `${'x'.repeat(999)}\n`)
  const target = targetIn(dirname(file), { maxBytes: 1_000 })
  await assert.rejects(target.keep(letterOf(recordAt(0))), isCode('OCC_DEAD_LETTERS_FULL'))
})

test('after the file was moved away or deleted, records go to a new one', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const target = targetIn(dirname(file))
  await target.keep(letterOf(recordAt(0)))
  renameSync(file, `${file}.1`)
  await target.keep(letterOf(recordAt(1)))
  assert.deepEqual([offsetsOf(`${file}.1`), offsetsOf(file)], [[0], [1]])
  rmSync(file)
  await target.keep(letterOf(recordAt(2)))
  assert.deepEqual(offsetsOf(file), [2])
})

test('an unusable folder fails with its name, and works again once it is usable', async (t) => {
  const folder = temporaryFolder(t)
  const inTheWay = join(folder, 'a-file')
  writeFileSync(inTheWay, '')
  const file = join(inTheWay, NAME)
  const target = targetIn(dirname(file))
  await assert.rejects(target.keep(letterOf(recordAt(0))), (error: unknown) => {
    assert.ok(isCode('OCC_DEAD_LETTERS_WRITE')(error))
    assert.match(String(error), /a-file.*deadLetters\.file\.folder/)
    return true
  })
  rmSync(inTheWay)
  await target.keep(letterOf(recordAt(0)))
  assert.deepEqual(offsetsOf(file), [0])
})

test('on a full disk all waiting calls fail, no file stays open, and it works again later', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const file = join(temporaryFolder(t), NAME)
  symlinkSync('/dev/full', file)
  const target = targetIn(dirname(file))
  const keep = (offset: number) => target.keep(letterOf(recordAt(offset)))
  const openFiles = () => readdirSync('/proc/self/fd').length
  await assert.rejects(keep(0), isCode('OCC_DEAD_LETTERS_WRITE'))
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

test('a failed write does not affect later records', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const file = join(temporaryFolder(t), NAME)
  symlinkSync('/dev/full', file)
  const target = targetIn(dirname(file))
  const first = target.keep(letterOf(recordAt(0)))
  const second = first.catch(() => {
    unlinkSync(file)
    return target.keep(letterOf(recordAt(1)))
  })
  await assert.rejects(first)
  await second
  assert.deepEqual(offsetsOf(file), [1])
})

test('close waits for letters being kept', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const target = targetIn(dirname(file))
  const kept = [target.keep(letterOf(recordAt(0)))]
  await new Promise((resolve) => setImmediate(resolve))
  kept.push(target.keep(letterOf(recordAt(1))))
  await target.close()
  assert.deepEqual(offsetsOf(file), [0, 1])
  await Promise.all(kept)
})

test('a full or old file is closed, and nothing in it is lost', async (t) => {
  const folder = temporaryFolder(t)
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => now }
  const target = targetIn(folder, { maxFileBytes: 1_000, maxFileAge: 60_000 }, clock)
  for (let offset = 0; offset < 5; offset++) {
    now += 1
    await target.keep(letterOf(recordAt(offset)))
  }
  const bySize = readdirSync(folder).length
  assert.ok(bySize > 1)
  now += 120_000
  await target.keep(letterOf(recordAt(5)))
  const names = readdirSync(folder)
  assert.equal(names.length, bySize + 1)
  for (const name of names) assert.ok(statSync(join(folder, name)).size <= 1_000)
  const kept = names.flatMap((name) => offsetsOf(join(folder, name)))
  assert.deepEqual(kept.sort(), [0, 1, 2, 3, 4, 5])
})

test('processes that share a folder write their own files, and share its limit', async (t) => {
  const folder = temporaryFolder(t)
  const one = targetIn(folder, { writer: 'pod-1', maxBytes: 800 })
  const two = targetIn(folder, { writer: 'pod-2', maxBytes: 800 })
  await one.keep(letterOf(recordAt(1)))
  await two.keep(letterOf(recordAt(2)))
  assert.deepEqual(readdirSync(folder).sort(), ['pod-1.ndjson', 'pod-2.ndjson'])
  await assert.rejects(two.keep(letterOf(recordAt(3))), isCode('OCC_DEAD_LETTERS_FULL'))
})

test('a file that is moved away during a write gets the letter again', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, NAME)
  const target = targetIn(folder)
  await target.keep(letterOf(recordAt(0)))
  const probe = await open(folder)
  t.after(() => probe.close())
  const handle = Object.getPrototypeOf(probe)
  const datasync = handle.datasync
  let taken = false
  t.mock.method(handle, 'datasync', async function (this: unknown) {
    await datasync.call(this)
    // As a redrive does that is done with all letters it has seen in the file.
    if (!taken) rmSync(file)
    taken = true
  })
  await target.keep(letterOf(recordAt(1)))
  assert.deepEqual(offsetsOf(file), [1])
})
