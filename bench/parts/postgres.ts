// Rows into PostgreSQL, of the same messages into the same table with the same key: this service with its offsets in
// the transactions of the rows, beside what people use.
import pg from 'pg'
import { startPostgres } from '../../dev/postgres/embedded-postgres.ts'
import type { Report } from '../contestants/measure.ts'
import type { Contestant } from '../contestants.ts'
import { GOALS } from '../goals.ts'
import { profile } from '../profile.ts'
import {
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
import {
  bareCopy,
  connect,
  insertLoop,
  ownRows,
  ownRowsLargeHeap,
  pythonBatches,
  rowsBefore,
} from '../rows/contestants.ts'
import { type RaceTask, race } from '../rows/race.ts'
import { CREATE_TABLE, produceTransfers } from '../rows/transfers.ts'

export interface PostgresOptions {
  readonly brokers: string
  readonly turns: number
  /** Another checkout, which takes part, too. */
  readonly baseline: string | null
  /** Messages, one row each; of one INSERT each a twentieth. */
  readonly count: number
  /** This service with batches of these sizes, too. */
  readonly batches: readonly number[]
  /** Kafka Connect takes part. */
  readonly connects: boolean
  /** Commits wait for the disk, as of a server that was installed. */
  readonly synced: boolean
}

export async function comparePostgres({
  brokers,
  turns,
  baseline,
  count,
  batches,
  connects: takesConnect,
  synced,
}: PostgresOptions): Promise<readonly Verdict[]> {
  const postgres = await startPostgres({ asInstalled: synced })
  try {
    const { urlFile } = postgres
    await run(postgres.url, CREATE_TABLE)
    const own = ownRows('onchain-consumer, exactly once', urlFile, 'postgres')
    const ours = [
      own,
      ownRowsLargeHeap(urlFile),
      ...batches.map((rows) => ownRows(`the same, batches of ${rows}`, urlFile, 'postgres', rows)),
      ownRows('onchain-consumer, offsets in Kafka', urlFile, 'kafka'),
    ]
    if (baseline !== null) ours.push(rowsBefore(baseline, urlFile))
    const python = await pythonBatches()
    const connects = takesConnect ? [await connect(1), await connect(4)] : []
    const { present, leftOut } = split([...ours, python, ...connects, insertLoop, bareCopy])
    const few = Math.ceil(count / 20)
    const task = async (topic: string, messages: number): Promise<RaceTask> => ({
      ...{ brokers, topic, postgres },
      expected: await produceTransfers(brokers, topic, messages),
    })
    const [all, part] = [await task('rows', count), await task('rows-few', few)]
    const reports = new Map<Contestant, Report[]>(present.map((one) => [one, []]))
    for (let turn = 1; turn <= turns; turn++) {
      for (const one of present) {
        const report = await race(one, one === insertLoop ? part : all)
        reports.get(one)?.push(report)
        const rate = Math.round(report.records / report.seconds)
        console.log(`rows, turn ${turn}: ${one.name}: ${rate} rows/s`)
      }
    }
    const disk = synced ? 'commits wait for the disk' : 'commits do not wait for the disk'
    const title = `${count} messages (one INSERT each: ${few}), ${disk}, medians of ${turns} runs in turns; all rows were there, once`
    print(title, reports, own, leftOut)
    const row = { name: 'rows into PostgreSQL, exactly once', contestant: own }
    return [
      rateAgainst(reports, row, insertLoop, GOALS.rows.ofOneInsert),
      rateAgainst(reports, row, python, GOALS.rows.ofPython),
      rateAgainst(reports, row, bareCopy),
      ...connects.flatMap((one) =>
        'why' in one
          ? [rateAgainst(reports, row, one, GOALS.rows.ofConnectPerCore)]
          : [rateAgainst(reports, row, one), perCore(reports, own, one)],
      ),
    ]
  } finally {
    await postgres.close()
  }
}

/** Where the time of this service goes. */
export async function profileRows({
  brokers,
  count,
  synced,
}: Pick<PostgresOptions, 'brokers' | 'count' | 'synced'>) {
  const postgres = await startPostgres({ asInstalled: synced })
  try {
    await run(postgres.url, CREATE_TABLE)
    await produceTransfers(brokers, 'rows', count)
    const own = ownRows('onchain-consumer, exactly once', postgres.urlFile, 'postgres')
    await profile(own, { brokers, topic: 'rows', count })
  } finally {
    await postgres.close()
  }
}

const total = ({ cpuSeconds, serverSeconds = 0 }: Report) => cpuSeconds + serverSeconds
const rowsPerCore = (report: Report) => report.records / total(report)

/** Rows a second for each core that client and server keep busy. */
function perCore(reports: Reports, own: Contestant, other: Contestant): Verdict {
  const least = GOALS.rows.ofConnectPerCore
  const ratio = gain(reports, own, other, rowsPerCore)
  const both = [own, other].map((one) =>
    Math.round(median((reports.get(one) ?? []).map(rowsPerCore))),
  )
  return {
    what: `rows into PostgreSQL, for each core: ${other.name}`,
    target: `>= ${least} x`,
    measured: `${times(ratio)} (${both.join('/s, ')}/s)`,
    reached: ratio >= least,
  }
}

function print(
  title: string,
  reports: Reports,
  own: Contestant,
  leftOut: Parameters<typeof printTable>[3],
): void {
  const rows = [...reports].map(([one, runs]) => {
    const middle = (of: (report: Report) => number) => median(runs.map(of))
    const micros = (of: (report: Report) => number) =>
      middle((report) => (of(report) * 1e6) / report.records).toFixed(1)
    return [
      one.name,
      Math.round(rateOf(reports, one)).toString(),
      times(gain(reports, own, one)),
      micros(({ cpuSeconds }) => cpuSeconds),
      micros(({ serverSeconds = 0 }) => serverSeconds),
      Math.round(middle(rowsPerCore)).toString(),
      Math.round(middle(({ residentMiB }) => residentMiB)).toString(),
    ]
  })
  const header = [
    'way',
    'rows/s',
    'ours is',
    'us CPU a row: client',
    'server',
    'rows/s a core',
    'MiB',
  ]
  printTable(title, header, rows, leftOut)
}

async function run(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
