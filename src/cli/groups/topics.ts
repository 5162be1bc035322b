import type { PartitionLog } from '../../broker/topics/topic-logs.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { Flags } from '../arguments.ts'
import { cell, countCell, UNKNOWN } from '../terminal/cells.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { formatBytes, formatDuration, paint, table } from '../terminal/terminal.ts'
import { withBrokers } from './config.ts'
import type { topicsFlags } from './flags.ts'

interface TopicRow {
  readonly topic: string
  readonly partitions: readonly PartitionLog[]
  /** Replicas that each partition should have; null: they differ. */
  readonly replicas: number | null
  readonly records: number | null
  readonly bytes: number | null
  /** Milliseconds; null: no limit, or this user may not see it. */
  readonly retention: number | null
  readonly problem: string | null
}

/** Prints the topics; exit code 0 even if there are none. */
export function topics(flags: Flags<typeof topicsFlags>, io: Io): Promise<number> {
  return withBrokers(flags, io, async ({ looks, logs }) => {
    const names = flags.topic === undefined ? await logs.names() : [flags.topic]
    const found = await logs.look(names, flags.topic === undefined)
    const sizes = await logs.sizes(found).catch(() => null)
    const retention = await looks.retention(new Set(found.map(({ topic }) => topic)))
    const rows = Array.from(
      Map.groupBy(found, ({ topic }) => topic),
      ([topic, own]) => rowOf(topic, own, sizes, retention[topic] ?? null),
    )
    if (flags.json !== undefined) {
      for (const row of rows) io.stdout.write(`${JSON.stringify(jsonOf(row, sizes))}\n`)
    } else if (rows.length === 0) io.stdout.write('The user may see no topic.\n')
    else {
      const parts = flags.topic === undefined ? '' : `\n${partitionsText(found, sizes)}\n`
      io.stdout.write(`${topicsText(rows, io)}\n${parts}`)
    }
    return 0
  })
}

type Sizes = ReadonlyMap<string, number> | null

function rowOf(
  topic: string,
  partitions: readonly PartitionLog[],
  sizes: Sizes,
  retention: number | null,
): TopicRow {
  const counts = new Set(partitions.map(({ replicas }) => replicas.length))
  return {
    topic,
    partitions,
    retention,
    replicas: counts.size === 1 ? ([...counts][0] ?? null) : null,
    records: sum(partitions.map(recordsIn)),
    bytes: sum(partitions.map((each) => sizes?.get(partitionName(each)) ?? null)),
    problem: problemOf(partitions),
  }
}

/** Offsets between the ends: with compaction or transactions there are fewer records. */
function recordsIn({ low, end }: PartitionLog): number | null {
  return low === null || end === null ? null : end - low
}

function problemOf(partitions: readonly PartitionLog[]): string | null {
  const headless = partitions.filter(({ leader }) => leader === null).length
  if (headless > 0) return `${headless} without a leader`
  const few = partitions.filter(({ replicas, inSync }) => inSync.length < replicas.length).length
  return few === 0 ? null : `${few} with replicas out of sync`
}

/** null: one of them is not known. */
function sum(values: ReadonlyArray<number | null>): number | null {
  const known = values.filter((value) => value !== null)
  return known.length < values.length ? null : known.reduce((total, value) => total + value, 0)
}

function topicsText(rows: readonly TopicRow[], io: Io): string {
  const style = paint(io.stdout, io.env)
  const header = ['Topic', 'Partitions', 'Replicas', 'Records', 'Size', 'Retention', 'Problem']
  return table(
    rows.map(({ topic, partitions, replicas, records, bytes, retention, problem }) => [
      printable(topic, 50),
      String(partitions.length),
      cell(replicas, String),
      countCell(records),
      cell(bytes, formatBytes),
      cell(retention, formatDuration),
      problem === null ? '' : style('red', problem),
    ]),
    { header },
  )
}

function partitionsText(partitions: readonly PartitionLog[], sizes: Sizes): string {
  const header = ['Partition', 'Leader', 'Replicas', 'In sync', 'First', 'End', 'Records', 'Size']
  return table(
    partitions.map((each) => [
      String(each.partition),
      each.leader === null ? 'none' : String(each.leader),
      each.replicas.join(','),
      each.inSync.join(','),
      countCell(each.low),
      countCell(each.end),
      countCell(recordsIn(each)),
      sizes === null ? UNKNOWN : cell(sizes.get(partitionName(each)) ?? null, formatBytes),
    ]),
    { header },
  )
}

function jsonOf({ partitions, retention, ...row }: TopicRow, sizes: Sizes): object {
  return {
    ...row,
    retentionSeconds: retention === null ? null : retention / 1000,
    partitions: partitions.map(({ topic: _, ...each }) => ({
      ...each,
      records: recordsIn({ topic: row.topic, ...each }),
      bytes: sizes?.get(partitionName({ topic: row.topic, partition: each.partition })) ?? null,
    })),
  }
}
