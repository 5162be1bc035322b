// The stream as it is, 3.6 kB of LZ4-framed JSON a message, and handlers that do nothing: this
// service beside what people use now; then the latency at a fixed rate.
import {
  bareLoop,
  bestLoop,
  type Contestant,
  type Entrant,
  franzGo,
  type LeftOut,
  plainJava,
  pythonTutorial,
} from '../contestants.ts'
import { GOALS } from '../goals.ts'
import { type Latency, type LatencyOptions, measureLatencies } from '../latency.ts'
import { baselineOf, type ServiceOptions, service } from '../own.ts'
import { PARTITIONS } from '../production.ts'
import {
  below,
  cpuOf,
  gain,
  median,
  mostResident,
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

export interface StreamOptions {
  readonly brokers: string
  readonly turns: number
  /** With at least this many messages in it. */
  readonly topic: string
  readonly count: number
  readonly python: boolean
  /** Another checkout of this project. */
  readonly baseline: string | null
  /** null: the latency is not measured. */
  readonly latency: LatencyOptions | null
}

const noOp = { handler: 'counting.ts', counts: true }
/** Neither looks for duplicates, as the loops do not. */
const bareOptions: ServiceOptions = { name: 'onchain-consumer, no handler' }
const plainOptions: ServiceOptions = {
  ...noOp,
  name: 'onchain-consumer, no-op handler',
  deduplication: { window: 0 },
}
const bare = service(bareOptions)
const plain = service(plainOptions)
/** With all that is on by default. */
const own = service({ ...noOp, name: 'the same, duplicates left out' })
const large = service({
  ...plainOptions,
  name: 'no-op handler, heap as Node has it',
  largeHeap: true,
})
const ours: readonly Row[] = [
  { name: 'no handler', contestant: bare },
  { name: 'no-op handler', contestant: plain },
  { name: 'no-op handler, duplicates left out', contestant: own },
  { name: large.name, contestant: large },
]

/** What `--profile` looks at. */
export const profiledInStream: readonly Contestant[] = [bare, plain]

export async function compareStream(options: StreamOptions): Promise<readonly Verdict[]> {
  const { brokers, turns, topic, count, baseline } = options
  const [bareBefore, plainBefore] =
    baseline === null ? [] : [bareOptions, plainOptions].map((one) => baselineOf(baseline, one))
  const { present, leftOut } = split(await others(options.python))
  const before = [bareBefore, plainBefore].filter((one) => one !== undefined)
  const contestants = [...ours.map(({ contestant }) => contestant), ...before, ...present]
  const reports = await runInTurns(contestants, turns, { brokers, topic, count })
  // Only a handler looks at the time of a record; and the size of the heap is about throughput.
  const timed = contestants.filter((one) => one !== bare && one !== large && one !== bareBefore)
  const latencies =
    options.latency === null ? null : await measureLatencies(timed, brokers, options.latency)
  print(options, reports, latencies ?? new Map(), leftOut)
  const targets = [...present, ...leftOut]
  return [
    ...ours.flatMap((row) =>
      targets.map((target) => rateAgainst(reports, row, target, leastOf(row, target))),
    ),
    ...againstOurselves(reports, bareBefore, plainBefore),
    below('no handler: most memory', mostResident(reports, bare), GOALS.noHandler.belowMiB, 'MiB'),
    ...(latencies === null ? [] : latencyVerdicts(options, latencies)),
  ]
}

async function others(python: boolean): Promise<readonly Entrant[]> {
  return [
    bareLoop,
    bestLoop,
    ...(python ? [await pythonTutorial()] : []),
    await plainJava(),
    await franzGo('franz-go, one goroutine', 'loop'),
    await franzGo('franz-go, one a partition', 'partition'),
  ]
}

function leastOf({ contestant }: Row, target: Entrant): number | undefined {
  if (contestant !== bare) return undefined
  if (target === bestLoop) return GOALS.noHandler.ofBestLoop
  return target === bareLoop ? GOALS.noHandler.ofDefaultLoop : undefined
}

function againstOurselves(
  reports: Reports,
  bareBefore: Contestant | undefined,
  plainBefore: Contestant | undefined,
): Verdict[] {
  const [noHandler, noOpHandler] = ours
  if (noHandler === undefined || noOpHandler === undefined) return []
  const pairs = [
    [noOpHandler, bare, GOALS.noOpHandler.ofNoHandler],
    [noHandler, bareBefore, GOALS.ofBaseline],
    [noOpHandler, plainBefore, GOALS.ofBaseline],
  ] as const
  return pairs.flatMap(([row, other, least]) =>
    other === undefined ? [] : [rateAgainst(reports, row, other, least)],
  )
}

function latencyVerdicts(
  { latency }: StreamOptions,
  latencies: ReadonlyMap<Contestant, Latency>,
): Verdict[] {
  // In the same run: what of it is the machine's.
  const loop = latencies.get(bareLoop)?.p99?.toFixed(0) ?? '-'
  return ours.flatMap(({ name, contestant }) => {
    const { p99 } = latencies.get(contestant) ?? {}
    if (p99 === undefined) return []
    const what = `${name}: p99 at ${latency?.rate}/s (kafkajs loop: ${loop} ms)`
    return [below(what, p99, GOALS.noOpHandler.belowP99, 'ms')]
  })
}

function print(
  { count, turns, latency }: StreamOptions,
  reports: Reports,
  latencies: ReadonlyMap<Contestant, Latency>,
  leftOut: readonly LeftOut[],
): void {
  const ownCpu = cpuOf(reports.get(plain) ?? [])
  const rows = [...reports].map(([one, runs]) => {
    const { p50, p99 } = latencies.get(one) ?? {}
    return [
      one.name,
      Math.round(rateOf(reports, one)).toString(),
      times(gain(reports, plain, one)),
      cpuOf(runs).toFixed(1),
      times(ownCpu, cpuOf(runs)),
      Math.round(median(runs.map(({ residentMiB }) => residentMiB))).toString(),
      p50 === undefined ? '-' : p50.toFixed(0),
      p99 === undefined ? '-' : p99.toFixed(0),
    ]
  })
  const header = ['way', 'records/s', 'ours is', 'CPU us a record', 'ours is', 'resident MiB']
  const title = `${count} LZ4-framed JSON messages of 3.6 kB on ${PARTITIONS} partitions, medians of ${turns} runs in turns`
  const rate = latency === null ? '' : `; latency at ${latency.rate} records/s`
  printTable(`${title}${rate}`, [...header, 'p50 ms', 'p99 ms'], rows, leftOut)
}
