// Handlers that wait 5 ms, order by key: this service, Confluent's Parallel Consumer and franz-go with
// the same concurrency, @platformatic/kafka without any order, and kafkajs's eachMessage.
import {
  type Entrant,
  eachMessage,
  franzGo,
  type LeftOut,
  parallelConsumer,
  platformaticForEach,
} from '../contestants.ts'
import { GOALS } from '../goals.ts'
import { baselineOf, type ServiceOptions, service } from '../own.ts'
import { PARTITIONS, produceSmall } from '../production.ts'
import {
  cpuAgainst,
  cpuOf,
  gain,
  median,
  printTable,
  type Reports,
  type Row,
  rateAgainst,
  rateOf,
  split,
  times,
  type Verdict,
} from '../report.ts'
import { runInTurns } from '../run.ts'

export interface WaitingOptions {
  readonly brokers: string
  readonly turns: number
  /** Messages of one comparison each. */
  readonly counts: readonly number[]
  /** Different keys, evenly spread. */
  readonly keys: number
  /** Records in hand at the same time, of all that can do so. */
  readonly concurrency: number
  /** Another checkout of this project. */
  readonly baseline: string | null
}

/** Milliseconds that the handler waits. */
const WAIT = '5'
const TOPIC = 'waiting'
/** eachMessage takes 140 s for 300,000, and cannot do better there than with these. */
const MOST_ONE_BY_ONE = 20_000

const bare = service({ name: 'onchain-consumer, no handler' })
const serial = eachMessage(PARTITIONS, Number(WAIT))

function waiting(concurrency: number): ServiceOptions {
  const processing = { order: 'key', concurrency }
  const env = { WAIT }
  return { name: 'onchain-consumer', handler: 'waiting.ts', processing, counts: true, env }
}

/** What `--profile` looks at. */
export const profiledInWaiting = (concurrency: number) => [service(waiting(concurrency))]

export async function produceForWaiting(options: WaitingOptions): Promise<string> {
  const { brokers, counts, keys } = options
  await produceSmall({ brokers, topic: TOPIC, count: Math.max(...counts), keys })
  return TOPIC
}

export async function comparePatience(options: WaitingOptions): Promise<readonly Verdict[]> {
  const { brokers, turns, counts, keys, concurrency, baseline } = options
  const own = service(waiting(concurrency))
  const before = baseline === null ? [] : [baselineOf(baseline, waiting(concurrency))]
  const { present, leftOut } = split(await others(concurrency))
  const topic = await produceForWaiting(options)
  const verdicts: Verdict[] = []
  for (const count of counts) {
    const oneByOne = count <= MOST_ONE_BY_ONE ? [serial] : []
    const targets = [...present, ...oneByOne]
    const contestants = [own, ...before, bare, ...targets]
    const reports = await runInTurns(contestants, turns, { brokers, topic, count })
    const title = `${count} messages of 200 bytes, ${keys} keys, ${WAIT} ms each, concurrency ${concurrency}`
    print(title, reports, leftOut)
    const row: Row = { name: `order key, ${WAIT} ms, ${count} messages`, contestant: own }
    verdicts.push(
      ...[...targets, ...leftOut].map((one) => rateAgainst(reports, row, one, leastOf(one))),
      ...before.map((one) => rateAgainst(reports, row, one, GOALS.ofBaseline)),
      cpuAgainst(reports, row, bare, GOALS.waiting.mostCpuOfNoHandler),
    )
  }
  return verdicts
}

const names = { parallel: 'Parallel Consumer (Java)', forEach: '@platformatic/kafka forEach' }

async function others(concurrency: number): Promise<readonly Entrant[]> {
  const env = { WAIT, CONCURRENCY: String(concurrency) }
  return [
    await parallelConsumer(names.parallel, env),
    await franzGo('franz-go, a goroutine a key', 'key', env),
    await platformaticForEach(names.forEach, env),
  ]
}

function leastOf({ name }: Entrant): number | undefined {
  const { ofParallelConsumer, ofForEach, ofEachMessage } = GOALS.waiting
  if (name === names.parallel) return ofParallelConsumer
  if (name === names.forEach) return ofForEach
  return name === serial.name ? ofEachMessage : undefined
}

function print(title: string, reports: Reports, leftOut: readonly LeftOut[]): void {
  const [own] = reports.keys()
  const rows = [...reports].map(([one, runs]) => [
    one.name,
    Math.round(rateOf(reports, one)).toString(),
    own === undefined ? '' : times(gain(reports, own, one)),
    cpuOf(runs).toFixed(1),
    Math.round(median(runs.map(({ residentMiB }) => residentMiB))).toString(),
  ])
  const header = ['way', 'records/s', 'ours is', 'CPU us a record', 'resident MiB']
  printTable(title, header, rows, leftOut)
}
