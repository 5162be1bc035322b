import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { readLines } from '../support/attempts.ts'
import { deathsIn } from '../support/deaths.ts'
import { openLedger } from '../support/ledger.ts'
import { WORKERS } from '../support/postgres/exactly-once.ts'
import { createDatabase } from '../support/postgres/postgres.ts'
import type { Service } from '../support/service.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks } from '../support/tasks.ts'

/** In full: PARKED=10000 KILLS=10 SECONDS=60; with WORKERS=2 EVERY=800 in worker threads, some of which die. */
const PARKED = sizeOf('PARKED', 300)
const KILLS = sizeOf('KILLS', 1)
/** All of them are due within this time. */
const SECONDS = sizeOf('SECONDS', 4)
/** With worker threads, two of so many records of a partition end theirs. */
const EVERY = sizeOf('EVERY', 1_000_000)

interface Line {
  readonly what: 'parked' | 'handled'
  readonly place: string
  readonly time: number
  /** Of `parked`: not before then. */
  readonly due: number
}

/** Of all processes. */
function linesOf(folder: string): Line[] {
  return readLines(folder).flatMap(({ lines }) =>
    lines.map((line) => {
      const [what, partition, offset, time, due] = line.split(',')
      const place = `${partition}/${offset}`
      return { what: what as Line['what'], place, time: Number(time), due: Number(due) }
    }),
  )
}

for (const store of ['kafka', 'postgres'] as const) {
  test(`parked records over kill -9, offsets in ${store}: each is handled again, none before it is due`, async (t) => {
    const [scene, database] = await Promise.all([createScene(t), createDatabase(t)])
    const { urlFile } = database.postgres
    const isExact = store === 'postgres'
    await database.query('create table rows (place text, back boolean)')
    const config = {
      ...(isExact && {
        sinks: {
          db: {
            ...{ type: 'postgres', urlFile, table: 'rows' },
            columns: { place: 'place', back: { from: 'back', type: 'boolean' } },
          },
        },
      }),
      handlers: [
        {
          path: join(import.meta.dirname, '../handlers/parking.ts'),
          options: {
            ...{ within: SECONDS * 1000, emits: isExact, folder: scene.folder },
            ...(WORKERS > 0 && { every: EVERY }),
          },
        },
      ],
      processing: { workers: WORKERS },
      offsets: { store, postgres: { urlFile, migrate: true } },
      parked: {
        ...{ store: 'postgres', poll: '200ms', lease: '3s', backoff: '1s' },
        postgres: { urlFile, migrate: true },
      },
    }
    const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
    const services: Service[] = await Promise.all([1, 2, 3].map(() => scene.run(config, env)))
    const ledger = openLedger(scene)
    t.after(() => ledger.close())
    await Promise.all(services.map((service) => service.ready()))

    async function killing(): Promise<void> {
      for (let kill = 0; kill < KILLS; kill++) {
        await sleep((SECONDS * 1000) / (KILLS + 1))
        await services[kill % 3]?.kill()
        const started = await scene.run(config, env)
        services[kill % 3] = started
        await started.ready()
      }
    }
    await Promise.all([killing(), scene.send(makeTasks(PARKED), PARKED / Math.max(1, SECONDS / 4))])
    await ledger.committedToTheEnd()
    const left = async () =>
      Number((await database.query('select count(*) as n from onchain_parked'))[0]?.['n'])
    await until(async () => (await left()) === 0, 'no parked record to be left')

    const lines = linesOf(scene.folder)
    const due = new Map<string, number>()
    for (const { what, place, due: at } of lines) {
      if (what === 'parked')
        due.set(place, Math.min(at, due.get(place) ?? Number.POSITIVE_INFINITY))
    }
    const handled = lines.filter(({ what }) => what === 'handled')
    const out = new Set(handled.map(({ place }) => place))
    const { byPartition } = await ledger.committed()
    const lost: string[] = []
    for (const [partition, end] of byPartition) {
      for (let offset = 0; offset < end; offset++) {
        if (!out.has(`${partition}/${offset}`)) lost.push(`${partition}/${offset}`)
      }
    }
    // Of a call that parked its record nothing is written; of the others each row once, with the end of the record.
    const rows = await database.query(
      'select place, back, count(*)::int as n from rows group by 1, 2',
    )
    const wrong = rows.filter(({ back, n }) => back !== true || n !== 1)
    const deaths = deathsIn(scene.folder)
    const early = handled.filter(({ place, time }) => time < (due.get(place) ?? 0))
    printFigures(`parked records, offsets in ${store}, 3 members`, {
      'kill -9': KILLS,
      ...(WORKERS > 0 && { 'worker threads that died': deaths.before + deaths.written }),
      'due within, s': SECONDS,
      'records in': PARKED,
      'calls that parked': lines.length - handled.length,
      'records out': out.size,
      lost: lost.length,
      duplicated: handled.length - out.size,
      ...(isExact && { rows: rows.length, 'rows twice, or of a call that parked': wrong.length }),
      'before they were due': early.length,
      'dead letters': readFailed(scene.folder).length,
      'latest after it was due, s':
        Math.round(
          Math.max(...handled.map(({ place, time }) => time - (due.get(place) ?? time))) / 100,
        ) / 10,
    })
    assert.deepEqual([out.size, lost.slice(0, 10), early.slice(0, 10)], [PARKED, [], []])
    assert.deepEqual([rows.length, wrong], [isExact ? PARKED : 0, []])
    assert.deepEqual(readFailed(scene.folder), [])
    for (const service of services) assert.equal(await service.terminate(), 0)
  })
}
