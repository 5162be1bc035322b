// Protocol Buffers as they are on the topics: tokens of 10 kB, trades of 14 kB, EVM transactions of 300 kB; this service,
// which reads the events, beside loops that make objects of whole messages, and others that read the same fields.
import { schemasFolder } from '../../dev/synthetic/protobuf.ts'
import {
  type Contestant,
  type Entrant,
  franzGoProtobuf,
  protobufLoop,
  pythonProtobuf,
} from '../contestants.ts'
import { type Load, loads } from '../decode/loads.ts'
import { renewing } from '../decode/renewing.ts'
import { GOALS } from '../goals.ts'
import { service } from '../own.ts'
import { PARTITIONS, produceValues } from '../production.ts'
import {
  cpuOf,
  gain,
  median,
  printTable,
  type Reports,
  rateAgainst,
  rateOf,
  split,
  times,
  type Verdict,
} from '../report.ts'
import { runInTurns } from '../run.ts'

export interface ProtobufOptions {
  readonly brokers: string
  readonly turns: number
  /** Bytes of each topic. */
  readonly bytes: number
}

const sections = { decode: { protobuf: { schemas: schemasFolder } } }
const own = service({ name: 'onchain-consumer, no handler', sections })
/** What the goals are about: the others read the fields, too. */
const reading = service({ name: 'onchain-consumer, fields read', handler: 'reading.ts', sections })
const workers = service({
  name: 'onchain-consumer, fields read, workers: 2',
  handler: 'reading.ts',
  processing: { workers: '2' },
  sections,
})

export async function compareProtobuf(options: ProtobufOptions): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const load of loads) verdicts.push(...(await compare(load, options)))
  return verdicts
}

/** What `--profile` looks at, one topic after the other. */
export async function* profiledInProtobuf({ brokers, bytes }: Omit<ProtobufOptions, 'turns'>) {
  for (const load of loads) {
    const { count } = await produceLoad(load, { brokers, bytes })
    yield { contestant: reading, task: { brokers, topic: load.topic, count } }
  }
}

/** Resolves with their number and the mean of their bytes. */
async function produceLoad(load: Load, options: Omit<ProtobufOptions, 'turns'>) {
  const values = load.values()
  const bytes = values.reduce((sum, { length }) => sum + length, 0) / values.length
  const count = Math.ceil(options.bytes / bytes)
  const next = renewing(load, values)
  await produceValues({ brokers: options.brokers, topic: load.topic, count, bytes, next })
  return { bytes, count }
}

async function compare(load: Load, options: ProtobufOptions): Promise<readonly Verdict[]> {
  const { topic, name } = load
  const { brokers, turns } = options
  const { bytes, count } = await produceLoad(load, options)
  const [defaultLoop, bestLoop] = [protobufLoop(name, 'default'), protobufLoop(name, 'best')]
  const python = await pythonProtobuf(...load.python)
  const others = [
    ...[defaultLoop, bestLoop, python],
    await franzGoProtobuf('franz-go, generated code, one goroutine', 'loop', name),
    await franzGoProtobuf('franz-go, generated code, one a partition', 'partition', name),
  ]
  const { present, leftOut } = split([own, reading, workers, ...others])
  const reports = await runInTurns(present, turns, { brokers, topic, count })
  const rows = [...reports].map(([one, runs]) => [
    one.name,
    Math.round(rateOf(reports, one)).toString(),
    Math.round((rateOf(reports, one) * bytes) / 1e6).toString(),
    times(gain(reports, reading, one)),
    cpuOf(runs).toFixed(1),
    Math.round(median(runs.map(({ residentMiB }) => residentMiB))).toString(),
  ])
  const title = `${count} messages of ${topic}, ${(bytes / 1000).toFixed(1)} kB, on ${PARTITIONS} partitions, medians of ${turns} runs in turns`
  const header = ['way', 'records/s', 'MB/s', 'fields read is', 'CPU us a record', 'resident MiB']
  printTable(title, header, rows, leftOut)
  return verdictsOf(topic, bytes, reports, bestLoop, python)
}

function verdictsOf(
  topic: string,
  bytes: number,
  reports: Reports,
  loop: Contestant,
  python: Entrant,
): Verdict[] {
  const row = { name: topic, contestant: reading }
  const { ofToObject, ofToObjectLarge, ofPython, large } = GOALS.protobuf
  return [
    rateAgainst(reports, row, loop, bytes > large ? ofToObjectLarge : ofToObject),
    rateAgainst(reports, row, python, bytes > large ? undefined : ofPython),
  ]
}
