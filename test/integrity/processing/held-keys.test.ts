import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { readLines } from '../support/attempts.ts'
import { openLedger } from '../support/ledger.ts'
import { WORKERS } from '../support/postgres/exactly-once.ts'
import { createDatabase } from '../support/postgres/postgres.ts'
import type { Service } from '../support/service.ts'
import { openScene, startBrokers } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks } from '../support/tasks.ts'

/** In full: RECORDS=6000 KILLS=10 REBALANCES=10 SECONDS=60 MEMBERS=3; with WORKERS=2 in worker threads. */
const RECORDS = sizeOf('RECORDS', 240)
const KILLS = sizeOf('KILLS', 1)
const REBALANCES = sizeOf('REBALANCES', 1)
/** While they are sent. */
const SECONDS = sizeOf('SECONDS', 4)
const MEMBERS = sizeOf('MEMBERS', 2)
const KEYS = Math.ceil(RECORDS / 12)

interface Line {
  readonly what: 'parked' | 'begun' | 'handled'
  readonly partition: number
  readonly offset: number
  readonly key: string
  readonly time: number
}

/** Of each process. */
function linesOf(folder: string): Line[][] {
  return readLines(folder).map(({ lines }) =>
    lines.map((line) => {
      const [what, partition, offset, key = '', time] = line.split(',')
      return {
        ...{ what: what as Line['what'], partition: Number(partition), key },
        ...{ offset: Number(offset), time: Number(time) },
      }
    }),
  )
}

/** From the beginning of a call that handled its record to its end. */
interface Call extends Line {
  readonly begun: number
}

/** What a killed process had begun is none. */
function callsOf(lines: readonly Line[]): Call[] {
  const begun = new Map<string, number>()
  return lines.flatMap((line) => {
    const place = `${line.partition}/${line.offset}`
    if (line.what === 'begun') begun.set(place, line.time)
    return line.what === 'handled' ? [{ ...line, begun: begun.get(place) ?? line.time }] : []
  })
}

/** Of one key: the records that were begun before one in front of them was handled, for the first time. */
function outOfOrder(calls: readonly Call[]): string[] {
  const first = new Map<number, Call>()
  for (const call of calls.toSorted((a, b) => a.time - b.time)) {
    if (!first.has(call.offset)) first.set(call.offset, call)
  }
  const ordered = [...first.values()].sort((a, b) => a.offset - b.offset)
  return ordered.flatMap((call, index) => {
    const before = ordered[index - 1]
    return before !== undefined && call.begun < before.time ? [`${call.key}/${call.offset}`] : []
  })
}

test('with hold: key, records behind a parked one keep the order of their key over kill -9 and rebalances', async (parent) => {
  const [kafka, database] = await Promise.all([startBrokers(), createDatabase(parent)])
  parent.after(() => kafka.close())
  for (const store of ['kafka', 'postgres'] as const) {
    await parent.test(`offsets in ${store}`, async (t) => {
      const scene = await openScene(t, kafka, { topic: `of-${store}`, groupId: store })
      const { urlFile } = database.postgres
      const config = {
        handlers: [
          { path: join(import.meta.dirname, '../handlers/holding.ts'), options: { within: 1_500 } },
        ],
        processing: { order: 'key', workers: WORKERS },
        offsets: { store, postgres: { urlFile, migrate: true } },
        parked: {
          ...{ store: 'postgres', hold: 'key', poll: '200ms', lease: '3s' },
          postgres: { urlFile, migrate: true },
        },
      }
      const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
      const services: Service[] = await Promise.all(
        Array.from({ length: MEMBERS }, () => scene.run(config, env)),
      )
      const ledger = openLedger(scene)
      t.after(() => ledger.close())
      await Promise.all(services.map((service) => service.ready()))

      async function trouble(): Promise<void> {
        const steps = KILLS + REBALANCES
        for (let step = 0; step < steps; step++) {
          await sleep((SECONDS * 1000) / (steps + 1))
          const isKill =
            Math.floor(((step + 1) * KILLS) / steps) > Math.floor((step * KILLS) / steps)
          const at = step % MEMBERS
          if (isKill) await services[at]?.kill()
          else await services[at]?.terminate()
          const started = await scene.run(config, env)
          services[at] = started
          await started.ready()
        }
      }
      const tasks = makeTasks(RECORDS, { keys: KEYS })
      await Promise.all([trouble(), scene.send(tasks, RECORDS / SECONDS)])
      await ledger.committedToTheEnd()
      const sent = performance.now()
      const left = async () =>
        Number((await database.query('select count(*) as n from onchain_parked'))[0]?.['n'])
      await until(async () => (await left()) === 0, 'no parked record to be left')
      const drained = performance.now() - sent

      const lines = linesOf(scene.folder)
      const calls = lines.flatMap(callsOf)
      const out = new Set(calls.map(({ partition, offset }) => `${partition}/${offset}`))
      const wrong = [...Map.groupBy(calls, ({ key }) => key).values()].flatMap(outOfOrder)
      const { byPartition } = await ledger.committed()
      const lost: string[] = []
      for (const [partition, end] of byPartition) {
        for (let offset = 0; offset < end; offset++) {
          if (!out.has(`${partition}/${offset}`)) lost.push(`${partition}/${offset}`)
        }
      }
      printFigures(`keys that parked records hold, offsets in ${store}, ${MEMBERS} members`, {
        'kill -9': KILLS,
        'graceful rebalances': REBALANCES,
        'records in': RECORDS,
        keys: KEYS,
        'calls that parked': lines.flat().filter(({ what }) => what === 'parked').length,
        'records out': out.size,
        lost: lost.length,
        duplicated: calls.length - out.size,
        'out of order': wrong.length,
        'dead letters': readFailed(scene.folder).length,
        'parked ones done after the last was sent, s': Math.round(drained / 100) / 10,
      })
      assert.deepEqual([out.size, lost.slice(0, 10), wrong.slice(0, 10)], [RECORDS, [], []])
      assert.deepEqual(readFailed(scene.folder), [])
      for (const service of services) assert.equal(await service.terminate(), 0)
    })
  }
})
