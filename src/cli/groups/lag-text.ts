import type { GroupFacts, GroupMemberFacts } from '../../broker/group-state/group-looks.ts'
import {
  type LagTotals,
  lagTotals,
  type PartitionLag,
  type Trend,
} from '../../group/partition-lag.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import { countCell, tableWidth, timeCell, UNKNOWN } from '../terminal/cells.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, paint, type Style, table } from '../terminal/terminal.ts'

export interface GroupLagView {
  readonly group: GroupFacts
  readonly partitions: readonly PartitionLag[]
}

const STYLES: Readonly<Record<Trend, Style>> = {
  ok: 'green',
  behind: 'yellow',
  growing: 'red',
  stalled: 'red',
  held: 'magenta',
  unknown: 'dim',
}

const HEADER = [
  'Partition',
  'Committed',
  'End',
  'Lag',
  'Behind',
  'Until loss',
  'ETA',
  'Trend',
  'Owner',
]
const MAX_OWNER = 40

/** A table for each topic, and a line about the group. No final newline. */
export function lagText({ group, partitions }: GroupLagView, io: Io): string {
  const style = paint(io.stdout, io.env)
  const owners = ownersOf(group)
  const width = tableWidth(io.stdout)
  const topics = Map.groupBy(partitions, ({ topic }) => topic)
  const tables = Array.from(topics, ([topic, own]) => {
    const rows = own.map((each) => [
      String(each.partition),
      countCell(each.committed),
      countCell(each.end),
      countCell(each.lag),
      timeCell(each.age),
      timeCell(each.untilLoss),
      timeCell(each.eta),
      style(STYLES[each.trend], each.trend),
      group.state === null && owners.size === 0
        ? UNKNOWN
        : ownerText(owners.get(partitionName(each))),
    ])
    const fit = { column: HEADER.length - 1, width }
    return `${style('bold', printable(topic))}\n${table(rows, { header: HEADER, fit })}`
  })
  const anew = partitions.filter(({ isAnew }) => isAnew)
  const beyond = partitions.filter(
    ({ end, committed, isAnew }) => !isAnew && (committed ?? 0) > (end ?? Infinity),
  )
  const lines = [summary(group, lagTotals(partitions), style)]
  if (anew.length > 0) lines.push(style('red', anewText(anew)))
  if (beyond.length > 0) lines.push(style('red', beyondText(beyond)))
  return [lines.join('\n'), ...tables].join('\n\n')
}

function summary(
  { id, state, members }: GroupFacts,
  totals: LagTotals,
  style: ReturnType<typeof paint>,
): string {
  const { lag, lost, age, untilLoss: left, eta, trend, partitions, unknownPartitions } = totals
  const unknown = unknownPartitions === 0 ? '' : ` (${unknownPartitions} unknown)`
  return [
    `${style('bold', printable(id))}  ${style(STYLES[trend], trend)}  ${state ?? 'state unknown'}, ${state === null ? '? members' : counted(members.length, 'member')}, ${counted(partitions, 'partition')}${unknown}`,
    `lag ${lag === null ? '? records' : counted(lag, 'record')}, behind ${timeCell(age)}, done in ${timeCell(eta)}, until loss ${timeCell(left)}`,
    ...(lost !== null && lost > 0
      ? [
          style(
            'red',
            `retention deleted ${counted(lost, 'record that was', 'records that were')} not committed`,
          ),
        ]
      : []),
  ].join('\n')
}

function anewText(partitions: readonly PartitionLag[]): string {
  return `${namesOf(partitions)}: the topic was deleted and made anew since its offset was committed; nothing of it is handled yet, and the service begins at its first record`
}

function namesOf([first, ...more]: readonly PartitionLag[]): string {
  const others = more.length === 0 ? '' : ` and ${counted(more.length, 'more partition')}`
  return `${first === undefined ? '' : printable(partitionName(first))}${others}`
}

function beyondText(partitions: readonly PartitionLag[]): string {
  return `${namesOf(partitions)}: committed beyond the end, so the topic was recreated, or its log was cut`
}

function ownersOf({ members }: GroupFacts): ReadonlyMap<string, GroupMemberFacts> {
  return new Map(members.flatMap((member) => member.partitions.map((name) => [name, member])))
}

function ownerText(owner: GroupMemberFacts | undefined): string {
  return owner === undefined
    ? 'none'
    : printable(`${owner.clientId} ${owner.host}`.trimEnd(), MAX_OWNER)
}

/** The same for programs; times in seconds. */
export function lagJson({ group, partitions }: GroupLagView, at: number): object {
  const owners = ownersOf(group)
  const totals = lagTotals(partitions)
  return {
    group: group.id,
    at: new Date(at).toISOString(),
    state: group.state,
    members: group.state === null ? null : group.members.length,
    ...timesOf(totals),
    lag: totals.lag,
    lost: totals.lost,
    trend: totals.trend,
    partitions: partitions.map((each) => {
      const { topic, partition, low, end, committed, lag, lost, trend, isAnew = false } = each
      const owner = owners.get(partitionName(each))
      const { consumeRate, produceRate } = each
      return {
        ...{ topic, partition, low, end, committed, lag, lost, trend, consumeRate, produceRate },
        ...timesOf(each),
        recreated: isAnew,
        owner:
          owner === undefined
            ? null
            : { memberId: owner.memberId, clientId: owner.clientId, host: owner.host },
      }
    }),
  }
}

function timesOf({ age, untilLoss: left, eta }: Pick<PartitionLag, 'age' | 'untilLoss' | 'eta'>) {
  const seconds = (time: number | null) => (time === null ? null : time / 1000)
  return {
    ageSeconds: seconds(age),
    secondsUntilLoss: seconds(left),
    secondsToDrain: seconds(eta),
  }
}
