import { hostname } from 'node:os'
import { alertKind } from '../../config/check/alerts.ts'
import type { GroupProgress } from '../../group/types.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import type { PartitionStatus } from '../../observe/status-types.ts'
import type { Observation } from '../../sink/alerts/service-alerts.ts'
import type { AlertConfig } from './alert-rules.ts'

/** What the process knows of itself and its groups now. */
export interface ServiceView {
  /** Those that it owns. */
  readonly partitions: readonly PartitionStatus[]
  /** Of each of its groups. */
  readonly progress: readonly GroupProgress[]
  /** Whether the group of the partition speaks for its topic, which other groups may have, too. */
  speaks(partition: PartitionStatus): boolean
  /** Dead letters that this process has kept. */
  readonly letters: number
}

/** What the rules about the service find. */
export interface ServiceWatch {
  /** Takes note of what changes; call it about once a second. */
  read(view: ServiceView): void
  observe(alert: AlertConfig, view: ServiceView): readonly Observation[]
}

interface Sample {
  readonly at: number
  readonly letters: number
}

/**
 * A topic is looked at by the process that owns its first partition: all know the offsets of the
 * whole group, and only one should speak. Retention and dead letters are each pod's own.
 *
 * @param interval milliseconds between two readings of the group
 */
export function createServiceWatch(
  interval: number,
  durationText: (milliseconds: number) => string,
  clock: Clock,
): ServiceWatch {
  const pod = hostname()
  /** The end of each topic, and when it was seen to move. */
  const ends = new Map<string, { end: number; movedAt: number; readAt: number }>()
  let samples: Sample[] = []
  let keep = 0

  function quietFor(topic: string): number {
    const seen = ends.get(topic)
    if (seen === undefined) return 0
    // Between two readings nothing is known; if they stop, the stream is as silent as it looks.
    const isFresh = clock.now() - seen.readAt <= 2 * interval
    return (isFresh ? seen.readAt : clock.now()) - seen.movedAt
  }

  function newLetters(within: number): number {
    keep = Math.max(keep, within)
    const from = clock.monotonic() - within
    const before = samples.findLast(({ at }) => at <= from) ?? samples[0]
    return (samples.at(-1)?.letters ?? 0) - (before?.letters ?? 0)
  }

  return {
    read({ progress, letters }) {
      const at = clock.monotonic()
      samples.push({ at, letters })
      const first = samples.findLastIndex((sample) => sample.at <= at - keep)
      if (first > 0) samples = samples.slice(first)
      for (const { at: readAt, topics = {} } of progress) {
        for (const [topic, { end }] of Object.entries(topics)) {
          const seen = ends.get(topic)
          if (seen === undefined) ends.set(topic, { end, movedAt: readAt, readAt })
          else if (readAt > seen.readAt) {
            ends.set(topic, { end, movedAt: end === seen.end ? seen.movedAt : readAt, readAt })
          }
        }
      }
    },
    observe(alert, { partitions, progress, speaks }) {
      const kind = alertKind(alert)
      const { silence = 0, lag = 0, headroom = 0, deadLetters } = alert
      const mine = partitions.filter(({ topic }) => matchesAnyTopic(alert.topics, topic))
      const topics = [...new Set(mine.map(({ topic }) => topic))]
      const led = topics.filter((topic) =>
        mine.some((one) => one.topic === topic && one.partition === 0 && speaks(one)),
      )
      const common = { scope: '', limit: '' }
      if (kind === 'silence') {
        const limit = durationText(silence)
        return led.map((subject) => {
          const quiet = quietFor(subject)
          const value = durationText(quiet)
          return { ...common, subject, limit, isBad: quiet >= silence, value }
        })
      }
      if (kind === 'lag') {
        return led.map((subject) => {
          const behind = Math.max(0, ...progress.map(({ topics }) => topics?.[subject]?.lag ?? 0))
          const value = String(behind)
          return { ...common, subject, limit: String(lag), isBad: behind >= lag, value }
        })
      }
      if (kind === 'headroom') {
        return topics.flatMap((subject) => {
          const known = mine
            .filter(({ topic }) => topic === subject)
            .flatMap(({ retentionHeadroom }) => retentionHeadroom ?? [])
          if (known.length === 0) return []
          const least = Math.min(...known)
          const limit = durationText(headroom)
          const value = durationText(least)
          return [{ scope: pod, subject, limit, isBad: least <= headroom, value }]
        })
      }
      if (deadLetters === undefined) return []
      const count = newLetters(deadLetters.within)
      const limit = String(deadLetters.atLeast)
      const isBad = count >= deadLetters.atLeast
      return [{ scope: pod, subject: 'dead letters', limit, isBad, value: String(count) }]
    },
  }
}
