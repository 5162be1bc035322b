import type { Applied } from '../../group/offsets/control.ts'
import type { OffsetPlan, PlannedPartition } from '../../group/offsets/plan.ts'
import type { GroupOffsets, StoredOffset } from '../../group/offsets/types.ts'
import { uncommitted } from '../../group/partition-lag.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { countCell, tableWidth, timeCell } from '../terminal/cells.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, formatCount, secondText, table } from '../terminal/terminal.ts'

/** What there is none of; what is not known is a question mark. */
const NONE = '-'
const MAX_OWNER = 60

const offsetCell = (offset: number | null) => (offset === null ? 'none' : formatCount(offset))

/** A table of the partitions of each topic; the last column is broken where the terminal ends. */
function tables<Each extends TopicPartition>(
  partitions: readonly Each[],
  header: readonly string[],
  io: Pick<Io, 'stdout'>,
  cells: (each: Each) => readonly string[],
): string[] {
  const fit = { column: header.length, width: tableWidth(io.stdout) }
  const topics = Map.groupBy(partitions, ({ topic }) => topic)
  return Array.from(topics, ([topic, own]) => {
    const rows = own.map((each) => [String(each.partition), ...cells(each)])
    return `${printable(topic)}\n${table(rows, { header: ['Partition', ...header], fit })}\n`
  })
}

/** The plan as tables, its sums, and what is special about it. */
export function planText(plan: OffsetPlan, io: Pick<Io, 'stdout'>): string {
  const { group, members, table: store, partitions, left } = plan
  const header = ['Committed', 'New', 'Replay', 'Skip', 'Record time', 'Deleted', 'Takes', 'Owner']
  return [
    ...tables(partitions, header, io, (each) => [
      offsetCell(each.committed),
      formatCount(each.offset),
      formatCount(each.replay),
      formatCount(each.skip),
      each.time === null ? NONE : secondText(each.time),
      countCell(each.deleted),
      timeCell(each.seconds === null ? null : each.seconds * 1000),
      ownerText(each),
    ]),
    `Group ${group}: ${membersText(members)}${storeText(store)}. ${sumsText(partitions)}`,
    ...partitions.flatMap(warningsOf),
    ...left.map(({ reason }) => `Left as it is: ${reason}.`),
  ].join('\n')
}

/** A client may call itself anything. */
function ownerText({ owner }: Pick<StoredOffset, 'owner'>): string {
  return owner === null ? NONE : printable(owner, MAX_OWNER)
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
    partitions.reduce((total, each) => total + value(each), 0)
  const again = sum(({ replay }) => replay)
  return `${counted(again, 'record is', 'records are')} handled again, ${counted(
    sum(({ skip }) => skip),
    'is',
    'are',
  )} skipped unhandled.`
}

function warningsOf(each: PlannedPartition): string[] {
  const name = partitionName(each)
  const { deleted, beyond, offset } = each
  return [
    ...(deleted === null
      ? [
          `${name}: retention has deleted records before ${formatCount(offset)}, the first one left; how many of those wanted is not known.`,
        ]
      : []),
    ...(deleted !== null && deleted > 0
      ? [
          `${name}: retention has deleted ${formatCount(deleted)} of the records wanted; ${formatCount(offset)} is the first one left.`,
        ]
      : []),
    ...(beyond > 0
      ? [
          `${name}: the offset is ${formatCount(beyond)} beyond the end, ${formatCount(offset)}; the end is taken.`,
        ]
      : []),
  ]
}

export function appliedText({ applied, refused }: Applied, io: Pick<Io, 'stdout'>): string {
  const shown = tables(applied, ['Before', 'Now'], io, ({ before, offset }) => [
    offsetCell(before),
    formatCount(offset),
  ])
  return [
    ...(shown.length === 0 ? ['Nothing was changed.'] : [shown.join('\n').trimEnd()]),
    ...refused.map((each) => `Not changed: ${partitionName(each)}: ${each.reason}.`),
  ].join('\n')
}

/** Offsets, lag, and what is being handled once more. */
export function statusText(state: GroupOffsets, io: Pick<Io, 'stdout'>): string {
  const { members, table: store, partitions } = state
  const header = ['Committed', 'End', 'Lag', 'Replay', 'Owner']
  return [
    ...tables(partitions, header, io, (each) => [
      offsetCell(each.committed),
      formatCount(each.end),
      countCell(each.committed === null ? null : uncommitted(each.low, each.end, each.committed)),
      replayText(each),
      ownerText(each),
    ]),
    `${capital(membersText(members))}${storeText(store)}.`,
  ].join('\n')
}

function replayText({ replay, committed }: StoredOffset): string {
  if (replay === null) return NONE
  const all = replay.to - replay.from
  const done = Math.max(0, (committed ?? replay.from) - replay.from)
  const percent = all === 0 ? 100 : Math.floor((done / all) * 100)
  return `${percent} %, ${formatCount(all - done)} left`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
