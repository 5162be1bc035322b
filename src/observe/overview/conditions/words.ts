import { partitionName, type TopicPartition } from '../../../kernel/shapes/record.ts'
import { agreeing, formatCount, formatDuration, timeText } from '../../../kernel/text/figures.ts'
import type { OfGroup, PartitionStatus } from '../../types.ts'
import type { Condition, Level } from '../types.ts'

/** @param chapter anchor in docs/operations.md */
export function condition(
  name: string,
  level: Level,
  text: string,
  chapter: string | null,
): Condition {
  return { name, level, text, chapter }
}

/** `a/1`, `a/1 and a/2`, `a/1, a/2 and 5 more`. */
export function partitionNames(partitions: ReadonlyArray<TopicPartition & OfGroup>): string {
  return listed(partitions.map(nameInGroup))
}

/** Groups of one process may have the same partition, and only one of them is stuck: `a/1 of group`. */
export function nameInGroup(partition: TopicPartition & OfGroup): string {
  const { group } = partition
  return group === undefined ? partitionName(partition) : `${partitionName(partition)} of ${group}`
}

export function listed(names: readonly string[]): string {
  const [first = '', second] = names
  if (second === undefined) return first
  if (names.length === 2) return `${first} and ${second}`
  return `${first}, ${second} and ${names.length - 2} more`
}

/** Who has the oldest record of a partition: ` in handler whale`, or nothing. */
export function havingIt({ oldest }: Pick<PartitionStatus, 'oldest'>): string {
  const names = oldest?.handlers ?? []
  return names.length === 0
    ? ''
    : ` in ${agreeing(names.length, 'handler', 'handlers')} ${listed(names)}`
}

/** @param seconds below 0: it is over */
export function secondsText(seconds: number): string {
  return formatDuration(Math.max(0, seconds) * 1000)
}

/** `14:02 UTC`, with the day unless it is today. */
export function clockText(time: number, now: number): string {
  const [day = '', rest = ''] = timeText(time).split('T')
  const clock = `${rest.slice(0, 5)} UTC`
  return timeText(now).startsWith(day) ? clock : `${day} ${clock}`
}

/** A rate, with a digit behind the point where it is small. */
export function rateText(perSecond: number): string {
  return perSecond < 10 ? String(Math.round(perSecond * 10) / 10) : formatCount(perSecond)
}
