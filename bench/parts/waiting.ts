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
import { PARTITIONS, produceKeyed } from '../production.ts'
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
  /** Bytes of a message, and how many of these: a comparison for each pair. */
  readonly sizes: readonly number[]
  readonly counts: readonly number[]
  /** Different keys, evenly spread. */
  readonly keys: number
  /** Records in flight at the same time, of all that can do so. */
  readonly concurrency: number
  /** Another checkout of this project. */
  readonly baseline: string | null
}

/** Milliseconds that the handler waits. */
const WAIT = '5'
/** eachMessage takes 140 s for 300,000, and cannot do better there than with these. */
const MAX_ONE_BY_ONE = 20_000

const bare = service({ name: 'onchain-consumer, no handler' })
const serial = eachMessage(PARTITIONS, Number(WAIT))

/** Does not look for duplicates, as the others do not. */
function waiting(concurrency: number): ServiceOptions {
  const options = withDefaults('onchain-consumer', concurrency)
  return { ...options, deduplication: { window: 0 } }
}

function withDefaults(name: string, concurrency: number): ServiceOptions {
  const processing = { order: 'key', concurrency }
  return { name, handler: 'waiting.ts', processing, counts: true, env: { WAIT } }
}

/** What `--profile` looks at. */
export const profiledInWaiting = (concurrency: number) => [service(waiting(concurrency)), bare]

/** Resolves with the topic. */
export async function produceForWaiting(options: WaitingOptions, bytes: number): Promise<string> {
  const { brokers, counts, keys } = options
  const topic = `waiting-${bytes}`
  await produceKeyed({ brokers, topic, count: Math.max(...counts), keys, bytes })
  return topic
}

export async function comparePatience(options: WaitingOptions): Promise<readonly Verdict[]> {
  const { sizes, counts, concurrency } = options
  const entrants = split(await others(concurrency))
  const verdicts: Verdict[] = []
  for (const bytes of sizes) {
    const topic = await produceForWaiting(options, bytes)
    for (const count of counts) {
      verdicts.push(...(await compare(options, { topic, bytes, count }, entrants)))
    }
  }
  return verdicts
}

async function compare(
  { brokers, turns, keys, concurrency, baseline }: WaitingOptions,
  { topic, bytes, count }: { topic: string; bytes: number; count: number },
  { present, leftOut }: ReturnType<typeof split>,
): Promise<readonly Verdict[]> {
  const own = service(waiting(concurrency))
  const remembering = service(withDefaults('the same, duplicates left out', concurrency))
  const before = baseline === null ? [] : [baselineOf(baseline, waiting(concurrency))]
  const targets = [...present, ...(count <= MAX_ONE_BY_ONE ? [serial] : [])]
  const contestants = [own, ...before, remembering, bare, ...targets]
  const reports = await runInTurns(contestants, turns, { brokers, topic, count })
  const each = `${WAIT} ms each, concurrency ${concurrency}`
  print(`${count} messages of ${bytes} bytes, ${keys} keys, ${each}`, reports, leftOut)
  const name = `order key, ${WAIT} ms, ${count} of ${bytes} bytes`
  const row: Row = { name, contestant: own }
  return [
    ...[...targets, ...leftOut].map((one) => rateAgainst(reports, row, one, leastOf(one))),
    ...before.map((one) => rateAgainst(reports, row, one, GOALS.ofBaseline)),
    cpuAgainst(reports, row, bare, GOALS.waiting.mostCpuOfNoHandler),
  ]
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
