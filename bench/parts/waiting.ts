// Handlers that wait 5 ms, order by key: this service, Confluent's Parallel Consumer with the same
// concurrency, and kafkajs's eachMessage.
import { table } from '../../src/cli/terminal.ts'
import {
  type Contestant,
  eachMessage,
  parallelConsumer,
  runInTurns,
  service,
} from '../contestants.ts'
import { PARTITIONS, produceSmall } from '../production.ts'
import { cpuOf, median, type Reports, rateOf, ratio, times, type Verdict } from '../report.ts'

export interface WaitingOptions {
  readonly brokers: string
  readonly turns: number
  /** Messages of one comparison each. */
  readonly counts: readonly number[]
  /** Different keys, evenly spread. */
  readonly keys: number
  /** Records in hand at the same time, of both that can do so. */
  readonly concurrency: number
}

/** Milliseconds that the handler waits. */
const WAIT = '5'

export async function comparePatience(options: WaitingOptions): Promise<readonly Verdict[]> {
  const { brokers, turns, counts, keys, concurrency } = options
  process.env['WAIT'] = WAIT
  const own = service({
    name: 'onchain-consumer',
    handler: 'waiting.ts',
    processing: { order: 'key', concurrency },
    counts: true,
  })
  const parallel = await parallelConsumer({ CONCURRENCY: String(concurrency) })
  const serial = eachMessage(PARTITIONS)
  const contestants = [own, ...(parallel === null ? [] : [parallel]), serial]
  const topic = 'waiting'
  await produceSmall({ brokers, topic, count: Math.max(...counts), keys })
  const verdicts: Verdict[] = []
  for (const count of counts) {
    const reports = await runInTurns(contestants, turns, { brokers, topic, count })
    print(`${count} messages, ${keys} keys, ${WAIT} ms each, concurrency ${concurrency}`, reports)
    const rate = (one: Contestant) => rateOf(reports, one)
    const what = `handlers wait ${WAIT} ms, order key, ${count} messages`
    if (parallel !== null) {
      verdicts.push(ratio(`${what}: Parallel Consumer`, rate(own), rate(parallel), 1.2))
    }
    verdicts.push(ratio(`${what}: eachMessage`, rate(own), rate(serial), 12))
  }
  return verdicts
}

function print(title: string, reports: Reports): void {
  const own = [...reports.keys()][0]
  const rows = [...reports].map(([one, runs]) => [
    one.name,
    Math.round(rateOf(reports, one)).toString(),
    own === undefined ? '' : times(rateOf(reports, own), rateOf(reports, one)),
    cpuOf(runs).toFixed(1),
    Math.round(median(runs.map(({ residentMiB }) => residentMiB))).toString(),
  ])
  const header = ['way', 'records/s', 'ours is', 'CPU us a record', 'resident MiB']
  console.log(`\n${title}\n\n${table(rows, { header })}\n`)
}
