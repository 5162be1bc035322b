import type { Applied } from '../../group/offsets/control.ts'
import type { OffsetPlan, PlannedPartition } from '../../group/offsets/plan.ts'
import type { GroupOffsets, StoredOffset } from '../../group/offsets/types.ts'
import { uncommitted } from '../../group/partition-lag.ts'
import { partitionName } from '../../kernel/record.ts'
import { printable } from '../terminal/printable.ts'
import { counted, formatCount, formatDuration, table, timeText } from '../terminal/terminal.ts'

const UNKNOWN = '-'
const MAX_OWNER = 60

/** The plan as a table, its sums, and what is special about it. */
export function planText({ group, members, table: store, partitions, left }: OffsetPlan): string {
  const rows = partitions.map((each) => [
    each.topic,
    String(each.partition),
    each.committed === null ? 'none' : String(each.committed),
    String(each.offset),
    formatCount(each.replay),
    formatCount(each.skip),
    each.time === null ? UNKNOWN : timeText(each.time),
    each.deleted === null ? 'unknown' : formatCount(each.deleted),
    each.seconds === null ? UNKNOWN : formatDuration(each.seconds * 1000),
    ownerText(each),
  ])
  const header = ['Topic', 'Partition', 'Committed', 'New', 'Replay', 'Skip']
  return [
    table(rows, { header: [...header, 'Record time', 'Deleted', 'Takes', 'Owner'] }),
    '',
    `Group ${group}: ${membersText(members)}${storeText(store)}. ${sumsText(partitions)}`,
    ...partitions.flatMap(warningsOf),
    ...left.map(({ reason }) => `Left as it is: ${reason}.`),
  ].join('\n')
}

/** A client may call itself anything. */
function ownerText({ owner }: Pick<StoredOffset, 'owner'>): string {
  return owner === null ? UNKNOWN : printable(owner, MAX_OWNER)
}

function storeText(store: string | null): string {
  return store === null ? '' : `, its offsets are in the table ${store}`
}

function membersText(members: number | null): string {
  if (members === null) return 'its members cannot be seen'
  return members === 0 ? 'no members' : counted(members, 'member')
}

function sumsText(partitions: readonly PlannedPartition[]): string {
  const sum = (value: (each: PlannedPartition) => number) =>
    formatCount(partitions.reduce((total, each) => total + value(each), 0))
  return `${sum(({ replay }) => replay)} records are handled again, ${sum(({ skip }) => skip)} are skipped unhandled.`
}

function warningsOf(each: PlannedPartition): string[] {
  const name = partitionName(each)
  const { deleted, beyond, offset } = each
  return [
    ...(deleted === null
      ? [
          `${name}: retention has deleted records before ${offset}, the first one left; how many of those wanted is not known.`,
        ]
      : []),
    ...(deleted !== null && deleted > 0
      ? [
          `${name}: retention has deleted ${formatCount(deleted)} of the records wanted; ${offset} is the first one left.`,
        ]
      : []),
    ...(beyond > 0
      ? [
          `${name}: the offset is ${formatCount(beyond)} beyond the end, ${offset}; the end is taken.`,
        ]
      : []),
  ]
}

export function appliedText({ applied, refused }: Applied): string {
  const rows = applied.map(({ topic, partition, before, offset }) => [
    topic,
    String(partition),
    before === null ? 'none' : String(before),
    String(offset),
  ])
  return [
    ...(rows.length === 0
      ? ['Nothing was changed.']
      : [table(rows, { header: ['Topic', 'Partition', 'Before', 'Now'] })]),
    ...refused.map((each) => `Not changed: ${partitionName(each)}: ${each.reason}.`),
  ].join('\n')
}

/** Offsets, lag, and what is being handled once more. */
export function statusText({ members, table: store, partitions }: GroupOffsets): string {
  const rows = partitions.map((each) => [
    each.topic,
    String(each.partition),
    each.committed === null ? 'none' : String(each.committed),
    String(each.end),
    each.committed === null
      ? UNKNOWN
      : formatCount(uncommitted(each.low, each.end, each.committed)),
    replayText(each),
    ownerText(each),
  ])
  const header = ['Topic', 'Partition', 'Committed', 'End', 'Lag', 'Replay', 'Owner']
  return `${table(rows, { header })}\n\n${capital(membersText(members))}${storeText(store)}.`
}

function replayText({ replay, committed }: StoredOffset): string {
  if (replay === null) return UNKNOWN
  const all = replay.to - replay.from
  const done = Math.max(0, (committed ?? replay.from) - replay.from)
  const percent = all === 0 ? 100 : Math.floor((done / all) * 100)
  return `${percent} %, ${formatCount(all - done)} left`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
