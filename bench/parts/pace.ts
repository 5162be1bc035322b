// A handler that asks a database, beside a webhook that takes one call a second: alone, with the webhook in a
// consumer group of its own, and in the same group.
import { GOALS } from '../goals.ts'
import { type ServiceOptions, service } from '../own.ts'
import { produceKeyed } from '../production.ts'
import { cpuOf, printTable, type Row, rateAgainst, rateOf, times, type Verdict } from '../report.ts'
import { run, runInTurns } from '../run.ts'

export interface PaceOptions {
  readonly brokers: string
  readonly turns: number
  /** Messages, alone and with groups of their own. */
  readonly count: number
}

const KEYS = 5_000
const BYTES = 200
/** Milliseconds that the database takes, and how often it is asked at once: so it is what limits the rate. */
const WAIT = '5'
const CONCURRENCY = 20
/** How far the records of a partition run ahead of one that waits for the webhook. */
const MAX_IN_FLIGHT = 500
/** The webhook is called for one of so many records. */
const EVERY = '300'
/** More would take minutes: in one group, the records come at the pace of the webhook. */
const SHARED_COUNT = 20_000

const HOOK = { path: 'hook.ts', name: 'hook', timeout: '1h' }

function database(name: string, beside?: ServiceOptions['beside']) {
  return service({
    name,
    handler: 'waiting.ts',
    processing: { order: 'key', concurrency: CONCURRENCY, maxInFlight: MAX_IN_FLIGHT },
    counts: true,
    env: { WAIT, EVERY },
    ...(beside !== undefined && { beside }),
  })
}

export async function comparePace({
  brokers,
  turns,
  count,
}: PaceOptions): Promise<readonly Verdict[]> {
  const alone = database('the database alone')
  const own = database('with a webhook, group: own', { ...HOOK, group: 'own' })
  const shared = database('with a webhook in the same group', HOOK)
  const topic = 'pace'
  await produceKeyed({ brokers, topic, count, keys: KEYS, bytes: BYTES })
  const reports = new Map(await runInTurns([alone, own], turns, { brokers, topic, count }))
  const few = { brokers, topic, count: Math.min(count, SHARED_COUNT) }
  reports.set(shared, [await run(shared, few)])
  const rows = [alone, own, shared].map((one) => [
    one.name,
    Math.round(rateOf(reports, one)).toString(),
    times(rateOf(reports, one), rateOf(reports, alone)),
    cpuOf(reports.get(one) ?? []).toFixed(0),
  ])
  const title = `${count} messages, ${WAIT} ms each, concurrency ${CONCURRENCY}; a webhook for 1 of ${EVERY}, 1 a second`
  printTable(title, ['handler', 'records/s', 'of alone', 'CPU us a record'], rows, [])
  const row: Row = { name: 'beside a slow handler with group: own', contestant: own }
  return [rateAgainst(reports, row, alone, GOALS.pace.ofAlone)]
}
