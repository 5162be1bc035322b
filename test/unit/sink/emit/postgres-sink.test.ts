import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../../../../src/kernel/log.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { createEmitSinks } from '../../../../src/sink/emit/emit-sinks.ts'
import { createPostgresSink } from '../../../../src/sink/emit/postgres-sink.ts'
import { createPostgresPool } from '../../../../src/sink/postgres/pool.ts'
import { createMapping } from '../../../../src/sink/postgres/rows/mapping.ts'

test('a value that throws while it becomes a row is refused, and the sink is not to blame', async () => {
  const meter = createMeters().sink('db')
  meter.up = 1
  // There is no database: rows that were made would fail as OCC_EMIT.
  const options = { maxConnections: 1, connectionTimeout: 100, statementTimeout: 100 }
  const column = { path: 'value', type: 'text', unit: 'ms' } as const
  const sink = createPostgresSink(
    createMapping({ table: 't', columns: { value: column }, key: [], update: [], nul: 'refuse' }),
    { batch: { rows: 10, bytes: 1e6, within: 0 }, writers: 1 },
    createPostgresPool({ urlFile: '/nowhere/url', ...options }, silentLog, 'sinks.db'),
    meter,
  )
  const { emit } = createEmitSinks(new Map([['db', sink]]), () => meter)
  const emitted = (value: unknown) => emit({ handler: 'h', id: 'i' }, 'db', { value }, null)
  const circle: { self?: unknown } = {}
  circle.self = circle
  const throwing = {
    toJSON() {
      throw new Error('not today.')
    },
  }
  const refused = (why: RegExp) => ({ code: 'OCC_EMIT_ROW', retriable: false, message: why })
  await assert.rejects(emitted(new Date('never')), refused(/cannot be written: Invalid time value/))
  await assert.rejects(emitted(circle), refused(/cannot be written: .*circular/))
  await assert.rejects(emitted(throwing), refused(/cannot be written: not today\.$/))
  assert.equal(meter.up, 1)
  await assert.rejects(emitted('text'), { code: 'OCC_EMIT', retriable: true })
  assert.equal(meter.up, 0)
})
