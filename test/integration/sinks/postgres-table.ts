import type { TestContext } from 'node:test'
import { silentLog } from '../../../src/kernel/log.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import type { DatabaseMeter } from '../../../src/observe/types.ts'
import { createEmitSinks } from '../../../src/sink/emit/emit-sinks.ts'
import {
  createPostgresSink,
  type PostgresSinkOptions,
} from '../../../src/sink/emit/postgres-sink.ts'
import { createPostgresPool } from '../../../src/sink/postgres/pool.ts'
import { createMapping } from '../../../src/sink/postgres/rows/mapping.ts'

export function poolOf(
  urlFile: string,
  over: { statementTimeout?: number } = {},
  meter?: DatabaseMeter,
) {
  const options = { maxConnections: 3, connectionTimeout: 5_000, statementTimeout: 10_000 }
  return createPostgresPool({ urlFile, ...options, ...over }, silentLog, 'sinks.db', meter)
}

export interface SinkOverrides extends Partial<PostgresSinkOptions> {
  readonly update?: readonly string[]
  readonly key?: readonly string[]
  readonly nul?: 'refuse' | 'remove'
  readonly types?: Readonly<Record<string, string>>
}

/** A sink whose columns have the names of the fields; closed after the test. */
export function openSink(
  t: TestContext,
  urlFile: string,
  table: string,
  { update = [], key = ['id'], nul = 'refuse', types = {}, ...options }: SinkOverrides = {},
) {
  const columns = Object.fromEntries(
    Object.entries({ id: 'text', amount: 'numeric', ...types }).map(([name, type]) => [
      name,
      { path: name, type, unit: 'ms' as const },
    ]),
  )
  const meter = createMeters().sink('db')
  const sink = createPostgresSink(
    createMapping({ table, columns, key, update, nul }),
    { batch: { rows: 1_000, bytes: 1e6, within: 5 }, writers: 2, ...options },
    poolOf(urlFile),
    meter,
  )
  const { emit, check } = createEmitSinks(new Map([['db', sink]]), () => meter)
  t.after(() => sink.close())
  return {
    meter,
    check,
    sink,
    emit: (value: unknown) => emit({ handler: 'h', id: 'i' }, 'db', value, null),
  }
}
