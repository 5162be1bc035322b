import { join } from 'node:path'
import { findJava } from '../../dev/kafka/java/java.ts'
import { compileJava } from '../builds/java.ts'
import { installPython } from '../builds/python.ts'
import { type Contestant, type Entrant, orLeftOut } from '../contestants.ts'
import { baselineOf, type ServiceOptions, service } from '../own.ts'
import { COLUMNS, TABLE } from './transfers.ts'

const here = (...file: string[]) => join(import.meta.dirname, '..', 'contestants', ...file)
const FIELDS = Object.keys(COLUMNS)

/** This service without code: each message is a row, its fields are columns. */
export function ownRows(...options: Parameters<typeof rowsOptions>): Contestant {
  return service(rowsOptions(...options))
}

/** Exactly once, with Node's own sizes of the heap. */
export function ownRowsLargeHeap(urlFile: string): Contestant {
  const options = rowsOptions('the same, heap of Node', urlFile, 'postgres')
  return service({ ...options, largeHeap: true })
}

/** The same of another checkout, exactly once. */
export function rowsBefore(folder: string, urlFile: string): Contestant {
  return baselineOf(folder, rowsOptions('onchain-consumer, exactly once', urlFile, 'postgres'))
}

function rowsOptions(
  name: string,
  urlFile: string,
  store: 'postgres' | 'kafka',
  rows?: number,
): ServiceOptions {
  const columns = Object.entries(COLUMNS).map(([column, type]) => [
    column,
    { from: `document.${column}`, type },
  ])
  const batch = rows === undefined ? {} : { batch: { rows } }
  const db = { type: 'postgres', urlFile, table: TABLE, columns: Object.fromEntries(columns) }
  const postgres = { urlFile, migrate: true, ...batch }
  return {
    name,
    sections: {
      offsets: store === 'kafka' ? { store } : { store, postgres },
      sinks: { db: { ...db, key: ['id'], ...batch } },
      handlers: [{ sink: 'db', each: 'message' }],
    },
  }
}

/** How much of it the database is: no consumer can be quicker than this. */
export const bareCopy: Contestant = {
  name: 'COPY of ready lines, no Kafka',
  command: [process.execPath, here('rows', 'copy.ts')],
  env: { BATCH: '5000' },
}

export const insertLoop: Contestant = {
  name: 'kafkajs eachMessage, one INSERT each',
  command: [process.execPath, here('rows', 'insert-loop.ts')],
  env: { FIELDS: FIELDS.join(), INSERT: insertWith(FIELDS.map((_, index) => `$${index + 1}`)) },
}

/** Needs Python 3, and the network the first time. */
export function pythonBatches(): Promise<Entrant> {
  const name = 'Python, executemany of 500'
  return orLeftOut(name, async () => {
    const python = await installPython(['confluent-kafka==2.11.1', 'psycopg[binary]==3.2.10'])
    const env = { FIELDS: FIELDS.join(), INSERT: insertWith(FIELDS.map(() => '%s')) }
    return { name, command: [python, here('rows', 'batches.py')], env }
  })
}

/** Needs Maven and a JDK. The offsets are in Kafka: Connect cannot do otherwise. */
export function connect(tasks: number): Promise<Entrant> {
  const name = `Kafka Connect, Debezium JDBC, ${tasks === 1 ? '1 task' : `${tasks} tasks`}`
  return orLeftOut(name, async () => {
    const folder = here('connect')
    const [{ command }, classPath] = await Promise.all([findJava(), compileJava(folder, [])])
    const files = ['worker.properties', 'sink.properties'].map((file) => join(folder, file))
    const quiet = `-Djava.util.logging.config.file=${join(folder, 'logging.properties')}`
    const main = 'org.apache.kafka.connect.cli.ConnectStandalone'
    return {
      name,
      command: [command, '-Xmx2g', quiet, '-cp', classPath, main, ...files],
      env: { TASKS: String(tasks), BATCH: '5000', TABLE, SCHEMA: connectSchema() },
    }
  })
}

function insertWith(marks: readonly string[]): string {
  return `insert into ${TABLE} (${FIELDS.join(', ')}) values (${marks.join(', ')}) on conflict (id) do nothing`
}

/** The schema of all messages, as Connect's own JSON converter takes it. */
function connectSchema(): string {
  const types: Partial<Record<string, object>> = {
    bigint: { type: 'int64' },
    numeric: { type: 'int64' },
    int: { type: 'int32' },
    boolean: { type: 'boolean' },
    timestamptz: { type: 'string', name: 'io.debezium.time.ZonedTimestamp' },
  }
  const fields = Object.entries(COLUMNS).map(([field, type]) => ({
    field,
    ...(types[type] ?? { type: 'string' }),
    optional: false,
  }))
  return JSON.stringify({ type: 'struct', name: TABLE, optional: false, fields })
}
