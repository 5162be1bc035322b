import assert from 'node:assert/strict'
import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { TopicWriter } from '../../../../src/broker/topics/topic-writer.ts'
import type { ErrorCode } from '../../../../src/kernel/error-codes/index.ts'
import { codeOf, OccError } from '../../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../../src/kernel/log.ts'
import { createBatcher } from '../../../../src/sink/batcher.ts'
import { createEmitSinks } from '../../../../src/sink/emit/emit-sinks.ts'
import { createFileSink } from '../../../../src/sink/emit/file-sink.ts'
import { createKafkaSink } from '../../../../src/sink/emit/kafka-sink.ts'
import { createLogEmitSink } from '../../../../src/sink/emit/log-sink.ts'
import { serialize } from '../../../../src/sink/emit/serialize.ts'
import { EMITTED, type EmitSink } from '../../../../src/sink/emit/types.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const SOURCE = { handler: 'whale', id: 'id-1' }

async function temporaryFile(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t)
  return join(folder, 'out', 'rows.ndjson')
}

async function readRows(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** All that is emitted to a sink called `out`. */
function emitTo(sink: EmitSink) {
  const { emit } = createEmitSinks(new Map([['out', sink]]))
  return (value: unknown, key: string | null = null) => emit(SOURCE, 'out', value, key)
}

test('a file has a line for each value: id, key, handler, value; numbers are exact', async (t) => {
  const path = await temporaryFile(t)
  const emit = emitTo(createFileSink({ path, maxBytes: 1e6, keep: 1 }))
  await Promise.all([
    emit({ amount: 2n ** 64n - 1n, rate: Number.NaN }, 'k'),
    emit('text'),
    emit(Buffer.from([255])),
  ])
  const common = { id: 'id-1', handler: 'whale' }
  assert.deepEqual(await readRows(path), [
    { ...common, key: 'k', value: { amount: '18446744073709551615', rate: 'NaN' } },
    { ...common, key: null, value: 'text' },
    { ...common, key: null, value: '/w==' },
  ])
})

test('a key or an id that is no text fails no batch', async (t) => {
  const path = await temporaryFile(t)
  const written: unknown[] = []
  const writer: TopicWriter = {
    async write(records) {
      for (const { key, headers } of records) written.push([key?.toString(), headers['occ-id']])
    },
    async check() {},
    async close() {},
  }
  const file = createFileSink({ path, maxBytes: 1e6, keep: 1 })
  const { emit } = createEmitSinks(
    new Map(Object.entries({ file, kafka: createKafkaSink('t', writer) })),
  )
  const untyped = (given: unknown) => given as string
  for (const sink of ['file', 'kafka']) {
    await Promise.all([
      emit(SOURCE, sink, 1, 'k'),
      emit({ ...SOURCE, id: untyped(3n) }, sink, 2, untyped(7n)),
      emit(SOURCE, sink, 3, untyped(Buffer.from('bytes'))),
    ])
  }
  assert.deepEqual(written, [
    ['k', 'id-1'],
    ['7', '3'],
    ['bytes', 'id-1'],
  ])
  const [, second] = await readRows(path)
  assert.deepEqual(second, { id: '3', key: '7', handler: 'whale', value: 2 })
})

test('a fallback whose rows are in the transaction of the offsets gets them there', async () => {
  const refuse = () => Promise.reject(new OccError('OCC_EMIT_REFUSED', 'no'))
  const idle = { check: async () => {}, close: async () => {} }
  const first: EmitSink = { ...idle, write: refuse }
  const second: EmitSink = {
    ...idle,
    write: () => assert.fail('it is not part of the transaction'),
    held: {
      rowsOf: (given) => [[String(given)]],
      prepare: async () => {},
      insert: async () => {},
      written() {},
    },
  }
  const names = new Map([['hook', 'db']])
  const sinks = new Map([...Object.entries({ hook: first, db: second })])
  const { emit } = createEmitSinks(sinks, undefined, { names, onFallback() {} }, (n) => n === 'db')
  const held: unknown[] = []
  await emit({ ...SOURCE, hold: (rows) => held.push(rows) }, 'hook', 'value', null)
  assert.deepEqual(held, [{ sink: 'db', rows: [['value']], bytes: 5 }])
})

test('a full file is rotated, a limited number is kept, and no line is split', async (t) => {
  const path = await temporaryFile(t)
  const emit = emitTo(createFileSink({ path, maxBytes: 200, keep: 2 }))
  for (let index = 0; index < 10; index++) await emit(`value ${index}`.padEnd(60))
  const names = await readdir(join(path, '..'))
  assert.deepEqual(names.sort(), ['rows.ndjson', 'rows.ndjson.1', 'rows.ndjson.2'])
  const rows = await Promise.all(['.2', '.1', ''].map((end) => readRows(path + end)))
  const values = rows.flat().map((row) => String(Reflect.get(Object(row), 'value')).trim())
  assert.deepEqual(values.at(-1), 'value 9')
  const numbers = values.map((value) => Number(value.slice(6)))
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'the newest, in their order',
  )
})

test('an unfinished line left by a crash is not appended to', async (t) => {
  const path = await temporaryFile(t)
  await mkdir(join(path, '..'))
  await appendFile(path, '{"id":"half')
  await emitTo(createFileSink({ path, maxBytes: 1e6, keep: 1 }))('whole')
  const lines = (await readFile(path, 'utf8')).split('\n')
  assert.deepEqual([lines[0], JSON.parse(lines[1] ?? '').value], ['{"id":"half', 'whole'])
})

test('a file that cannot be written fails the emit, retriable, and names the sink', async (t) => {
  const folder = join(await temporaryFile(t), '..')
  await appendFile(folder, 'a file where the folder should be')
  const emit = emitTo(createFileSink({ path: join(folder, 'rows'), maxBytes: 1e6, keep: 1 }))
  await assert.rejects(emit(1), (error) => {
    assert.ok(error instanceof OccError)
    assert.deepEqual([error.code, error.retriable], ['OCC_EMIT', true])
    assert.match(error.message, /The sink out failed: Cannot write to \S+\/out\/rows/)
    return true
  })
})

test('the log has the value unchanged, even if one of its fields is called token', async () => {
  const lines: object[] = []
  const log: Log = { ...silentLog, info: (fields) => void lines.push(fields) }
  await emitTo(createLogEmitSink('out', log))({ token: 'USDC' }, 'k')
  assert.deepEqual(JSON.parse(JSON.stringify(lines)), [
    {
      event: 'value.emitted',
      sink: 'out',
      handler: 'whale',
      id: 'id-1',
      key: 'k',
      value: { token: 'USDC' },
    },
  ])
})

test('any fault of a sink is retriable; a fault of the value is not', async () => {
  // As from a writer, to which most errors are retriable.
  const failing = (code: ErrorCode): EmitSink => ({
    check: async () => {},
    write: async ({ value }) => {
      throw new OccError(code, `${value.length} bytes`, { retriable: true })
    },
    close: async () => {},
  })
  const codes: unknown[] = []
  const note = (error: unknown) => {
    codes.push(codeOf(error), error instanceof OccError && error.retriable)
  }
  await emitTo(failing('OCC_AUTHENTICATION'))(1).catch(note)
  await emitTo(failing('OCC_RECORD_TOO_LARGE'))(1).catch(note)
  await emitTo(failing('OCC_BROKER'))(undefined).catch(note)
  const { emit } = createEmitSinks(new Map())
  await emit(SOURCE, 'gone', 1, null).catch(note)
  const expected = ['OCC_EMIT', true, 'OCC_RECORD_TOO_LARGE', false, 'OCC_EMIT_VALUE', false]
  assert.deepEqual(codes, [...expected, 'OCC_EMIT_SINK', true])
})

test('an unknown sink is named with its handler, the sinks there are and the one that was meant', async () => {
  const sink = createLogEmitSink('alerts', silentLog)
  const { emit } = createEmitSinks(new Map(Object.entries({ alerts: sink, rows: sink })))
  await assert.rejects(emit(SOURCE, 'alert', 1, null), {
    code: 'OCC_EMIT_SINK',
    message:
      'The handler whale emits to a sink that is not configured: no sink is called "alert", there are alerts, rows. Did you mean alerts? Remedy: add it under sinks in the configuration, or correct the name',
  })
})

test('a circular value cannot be emitted', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  assert.throws(() => serialize(circle), /cannot be emitted/)
})

test('items that arrive during a write share the next one; one bad item fails alone', async () => {
  const writes: number[][] = []
  const gate = Promise.withResolvers<void>()
  const batcher = createBatcher<number>({
    async write(items) {
      writes.push([...items])
      if (writes.length === 1) await gate.promise
      if (items.includes(3)) throw new Error('three')
    },
    sizeOf: () => 1,
    isolates: () => true,
    ...EMITTED,
  })
  const first = batcher.add(1)
  await Promise.resolve()
  await Promise.resolve()
  const others = [2, 3, 4].map((item) => batcher.add(item))
  gate.resolve()
  await first
  const settled = await Promise.allSettled(others)
  assert.deepEqual(
    settled.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(writes, [[1], [2, 3, 4], [2, 3], [2], [3], [4]])
})
