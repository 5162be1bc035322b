// node_modules/.bin/node bench/read.ts: `onchain-consumer read` beside the service without a handler, on
// one broker, in turns. It has to read at 0.8 times the service's rate, in memory that does not grow.
import { join } from 'node:path'
import { startKafka } from '../dev/kafka/embedded-kafka.ts'
import { nodeFlagsOf } from '../dev/node-flags.ts'
import type { Contestant } from './contestants.ts'
import { count, readFlags } from './flags.ts'
import { service } from './own.ts'
import { PARTITIONS, produce } from './production.ts'
import {
  below,
  cpuOf,
  mostResident,
  printTable,
  printVerdicts,
  type Row,
  rateAgainst,
  rateOf,
} from './report.ts'
import { runInTurns } from './run.ts'

const OF_SERVICE = 0.8
const BELOW_MIB = 300

const flags = readFlags(
  'node_modules/.bin/node bench/read.ts',
  {
    turns: { value: 'N', about: 'runs of each; the medians count; default: 3' },
    records: { value: 'N', about: 'messages of 3.6 kB; default: 1000000' },
  },
  ({ turns, records }) => ({
    turns: count('turns', turns, 3),
    records: count('records', records, 1_000_000),
  }),
)

function reading(form: string): Contestant {
  const here = import.meta.dirname
  const file = join(here, 'contestants', 'read.ts')
  const command = [process.execPath, ...nodeFlagsOf(join(here, '..')), file]
  return { name: `read ${form}`, command, env: { READ_FORM: form } }
}

const own = service({ name: 'service, no handler' })
const [json, value, raw] = [reading('--json'), reading('--value'), reading('--raw')]
const rows: readonly Row[] = [json, value, raw].map((one) => ({ name: one.name, contestant: one }))
const kafka = await startKafka({ tune: 'throughput', heap: '1g' })
try {
  const brokers = kafka.brokers.plaintext
  const topic = 'stream'
  await produce({ brokers, topic, count: flags.records, rate: 0 })
  const task = { brokers, topic, count: flags.records }
  const reports = await runInTurns([own, json, value, raw], flags.turns, task)
  printTable(
    `${flags.records} LZ4-framed JSON messages of 3.6 kB on ${PARTITIONS} partitions, medians of ${flags.turns} runs in turns`,
    ['way', 'records/s', 'CPU us a record', 'resident MiB'],
    [...reports].map(([one, runs]) => [
      one.name,
      Math.round(rateOf(reports, one)).toString(),
      cpuOf(runs).toFixed(1),
      Math.round(mostResident(reports, one)).toString(),
    ]),
  )
  printVerdicts([
    ...rows.map((row) => rateAgainst(reports, row, own, OF_SERVICE)),
    ...rows.map(({ name, contestant }) =>
      below(`${name}: most memory`, mostResident(reports, contestant), BELOW_MIB, 'MiB'),
    ),
  ])
} finally {
  await kafka.close()
}
