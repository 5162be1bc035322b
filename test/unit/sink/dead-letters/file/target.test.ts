import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'
import { letterOf, linesOf, NAME, offsetsOf, recordAt, targetIn } from './letters.ts'

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
