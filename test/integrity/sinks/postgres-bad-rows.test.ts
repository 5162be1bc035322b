import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readLetters } from '../support/accounting.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import { openLedger } from '../support/ledger.ts'
import { compareIds, createDatabase } from '../support/postgres/postgres.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks } from '../support/tasks.ts'

const createScene = shareKafka()
const COUNT = sizeOf('RECORDS', 9_000)
const EVERY = COUNT / 6
/** Records that come when all before them are handled. */
const LATE = 60

/** In turn: a value that is missing, one beyond its column, and text that PostgreSQL cannot store. */
const FAULTS = [{ kind: null }, { amount: '100000000000000000000' }, { kind: 'a\u0000b' }] as const

/** `exact`: the offsets and the letters are in the transactions of the rows, which need no key then. */
const CASES = [
  { processing: { order: 'partition' } },
  { processing: { order: 'none' } },
  { processing: { order: 'key', workers: 1 } },
  { processing: { order: 'partition' }, exact: true },
] as const

for (const { processing, ...rest } of CASES) {
  const isExact = 'exact' in rest
  const how = `${JSON.stringify(processing)}${isExact ? ' with the offsets beside the rows' : ''}`
  test(`one row in some thousand is bad, ${how}: exactly these are letters, all others once`, async (t) => {
    const scene = await createScene(t, { nodes: isExact ? 3 : 1 })
    const database = await createDatabase(t)
    await database.query(
      `create table rows (id bigint ${isExact ? '' : 'primary key'}, amount numeric(20) not null, kind text not null)`,
    )
    const bad = new Map(
      Array.from({ length: COUNT / EVERY }, (_, index) => [
        index * EVERY + 234 + index,
        FAULTS[index % FAULTS.length],
      ]),
    )
    const tasks = makeTasks(COUNT).map((task) => ({
      ...{ ...task, amount: '12345678901234567890', kind: 'x' },
      ...bad.get(task.id),
    }))
    const columns = {
      id: { from: 'document.id', type: 'bigint' },
      amount: { from: 'document.amount', type: 'numeric' },
      kind: 'document.kind',
    }
    const { urlFile } = database.postgres
    const key = isExact ? {} : { key: ['id'] }
    const service = await scene.run({
      sinks: { db: { type: 'postgres', urlFile, table: 'rows', columns, ...key } },
      handlers: [{ sink: 'db', each: 'message' }],
      processing,
      ...(isExact && {
        offsets: { store: 'postgres', postgres: { urlFile, migrate: true } },
        deadLetters: { target: 'postgres', postgres: { urlFile } },
      }),
    })
    await service.ready()
    const ledger = openLedger(scene)
    t.after(() => ledger.close())
    await scene.send(tasks.slice(0, -LATE))
    await until(async () => {
      const { body } = await service.get('/metrics')
      return metric(body, 'onchain_consumer_handled_records_total') >= COUNT - LATE - bad.size
    }, 'the others to be handled')
    // It takes a later row that is written to tell a bad one from a database that is down.
    await scene.send(tasks.slice(-LATE))
    await ledger.committedToTheEnd()
    const good = new Set(tasks.flatMap(({ id }) => (bad.has(id) ? [] : [String(id)])))
    const { rows, missing, twice, unknown } = await compareIds(database, 'rows', 'id', good)
    const letters = isExact
      ? (await database.query('select value from onchain_dead_letters')).map(({ value }) => value)
      : readLetters(scene.folder).map(({ record }) => record.value)
    printFigures(`bad rows, ${how}`, {
      'records in': COUNT,
      'bad records': bad.size,
      'rows out': rows,
      'dead letters': letters.length,
      lost: missing.length,
      duplicated: twice.length,
    })
    assert.deepEqual([missing.slice(0, 10), twice, unknown], [[], [], []])
    const ids = letters.map((value) => Number(JSON.parse(String(value)).id))
    assert.deepEqual(
      ids.toSorted((a, b) => a - b),
      [...bad.keys()],
    )
    assert.equal(await service.terminate(), 0)
  })
}
