// Protocol Buffers as they are on the topics: tokens of 10 kB, trades of 14 kB, EVM transactions of 300 kB; this service
// without a handler, which reads the events, beside loops that make objects of whole messages.
import { schemasFolder } from '../../dev/synthetic/protobuf.ts'
import { type Contestant, type Entrant, protobufLoop, pythonProtobuf } from '../contestants.ts'
import { type Load, loads } from '../decode/loads.ts'
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

const own = service({
  name: 'onchain-consumer, no handler',
  sections: { decode: { protobuf: { schemas: schemasFolder } } },
})

export async function compareProtobuf(options: ProtobufOptions): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const load of loads) verdicts.push(...(await compare(load, options)))
  return verdicts
}

async function compare(
  load: Load,
  { brokers, turns, bytes: wanted }: ProtobufOptions,
): Promise<readonly Verdict[]> {
  const { topic, name } = load
  const values = load.values()
  const bytes = values.reduce((sum, { length }) => sum + length, 0) / values.length
  const count = Math.ceil(wanted / bytes)
  await produceValues({ brokers, topic, count, values })
  const [defaultLoop, bestLoop] = [protobufLoop(name, 'default'), protobufLoop(name, 'best')]
  const python = await pythonProtobuf(...load.python)
  const { present, leftOut } = split([own, defaultLoop, bestLoop, python])
  const reports = await runInTurns(present, turns, { brokers, topic, count })
  const rows = [...reports].map(([one, runs]) => [
    one.name,
    Math.round(rateOf(reports, one)).toString(),
    Math.round((rateOf(reports, one) * bytes) / 1e6).toString(),
    times(gain(reports, own, one)),
    cpuOf(runs).toFixed(1),
    Math.round(median(runs.map(({ residentMiB }) => residentMiB))).toString(),
  ])
  const title = `${count} messages of ${topic}, ${(bytes / 1000).toFixed(1)} kB, on ${PARTITIONS} partitions, medians of ${turns} runs in turns`
  const header = ['way', 'records/s', 'MB/s', 'ours is', 'CPU us a record', 'resident MiB']
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
  const row = { name: topic, contestant: own }
  const { ofToObject, ofToObjectLarge, ofPython, large } = GOALS.protobuf
  return [
    rateAgainst(reports, row, loop, bytes > large ? ofToObjectLarge : ofToObject),
    rateAgainst(reports, row, python, bytes > large ? undefined : ofPython),
  ]
}
