import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { LogPart } from '../../broker/reading/log-reader.ts'
import type { OffsetRange, OffsetToCommit } from '../../broker/types.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import {
  byPartitionName,
  partitionName,
  recordName,
  type TopicPartition,
} from '../../kernel/shapes/record.ts'

/** One partition of a replay. */
export interface ReplayPart extends LogPart {
  readonly to: number
  /** Where the replay began; `from` is where it continues. */
  readonly first: number
  readonly finished: readonly OffsetRange[]
}

/** The flags that say what is replayed, as they were given. */
export interface ReplayRange {
  readonly from: string
  readonly to: string
  readonly topic: string | null
  readonly handler: string | null
}

/** By the group whose handlers get the records. */
export type ReplayParts = Readonly<Record<string, readonly ReplayPart[]>>

/** How far a replay is: kept in memory, and in the file if there is one. */
export interface ReplayProgress {
  readonly parts: ReplayParts
  readonly total: number
  /** Number of offsets that are finished. */
  done(): number
  /** Everything is finished. */
  isOver(): boolean
  /** Everything is finished but what does not come any more: see `end`. */
  isAtEnd(): boolean
  /** Nothing from the offset on comes any more in this run. */
  end(group: string, partition: TopicPartition, at: number): void
  /** Names of records that came and are not finished, `topic/partition/offset`, at most so many. */
  left(most: number): readonly string[]
  /** Resolves when the file is on the disk. Rejects with OCC_REPLAY_PROGRESS. */
  finished(group: string, offsets: readonly OffsetToCommit[]): Promise<void>
}

const VERSION = 1

/** What the configuration has replayed: the topics of each group. */
export type ReplayTopics = Readonly<Record<string, readonly string[]>>

/**
 * A file of an earlier run; null: there is none. Rejects with OCC_REPLAY_PROGRESS, also if the
 * configuration has other groups or topics since: what only one of them has would never be done.
 */
export async function readProgress(
  file: string,
  range: ReplayRange,
  topics: ReplayTopics,
): Promise<ReplayParts | null> {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (codeOf(error) === 'ENOENT') return null
    throw wrong(file, `cannot be read: ${messageOf(error)}`)
  })
  if (text === null) return null
  const kept = parsed(file, text)
  for (const name of ['from', 'to', 'topic', 'handler'] as const) {
    if (kept.range[name] === range[name]) continue
    const was = kept.range[name] ?? 'nothing'
    throw wrong(
      file,
      `is of another replay, with --${name} ${was}; name a new file, or give the same flags`,
    )
  }
  const [was, is] = [topicNames(topicsOf(kept.parts)), topicNames(topics)]
  const other = is.find((name) => !was.includes(name)) ?? was.find((name) => !is.includes(name))
  if (other === undefined) return kept.parts
  const which = is.includes(other) ? 'without' : 'with'
  throw wrong(
    file,
    `is of another configuration, ${which} ${other}; name a new file, or restore kafka.groupId, kafka.topics and handlers`,
  )
}

function topicsOf(parts: ReplayParts): ReplayTopics {
  return Object.fromEntries(
    Object.entries(parts).map(([group, own]) => [group, own.map(({ topic }) => topic)]),
  )
}

function topicNames(topics: ReplayTopics): readonly string[] {
  return Object.entries(topics).flatMap(([group, own]) =>
    [...new Set(own)].map((topic) => `the topic ${topic} of the group ${group}`),
  )
}

interface Kept {
  readonly range: ReplayRange
  readonly parts: ReplayParts
}

function parsed(file: string, text: string): Kept {
  try {
    const kept: unknown = JSON.parse(text)
    if (isKept(kept)) return kept
  } catch {
    // Said below.
  }
  throw wrong(file, 'is not the progress of a replay; name a new file')
}

function isKept(kept: unknown): kept is Kept {
  if (typeof kept !== 'object' || kept === null) return false
  const { version, range, parts } = kept as Record<string, unknown>
  if (version !== VERSION || typeof range !== 'object' || range === null) return false
  if (typeof parts !== 'object' || parts === null) return false
  return Object.values(parts).every((all) => Array.isArray(all) && all.every(isPart))
}

function isPart(part: unknown): part is ReplayPart {
  if (typeof part !== 'object' || part === null) return false
  const { topic, partition, first, from, to, finished, topicId } = part as Record<string, unknown>
  const numbers = [partition, first, from, to]
  const areOffsets = numbers.every((value) => Number.isSafeInteger(value) && Number(value) >= 0)
  const isNamed = topicId === undefined || topicId === null || typeof topicId === 'string'
  return typeof topic === 'string' && isNamed && areOffsets && isRanges(finished)
}

function isRanges(finished: unknown): boolean {
  return (
    Array.isArray(finished) &&
    finished.every((range) => Number.isSafeInteger(range?.from) && Number.isSafeInteger(range?.to))
  )
}

/** @param file null: the progress is not kept */
export function createProgress(
  file: string | null,
  range: ReplayRange,
  start: ReplayParts,
): ReplayProgress {
  const state = new Map(
    Object.entries(start).map(([group, parts]) => [group, byPartitionName(parts)]),
  )
  const all = () => [...state.values()].flatMap((parts) => [...parts.values()])
  /** By group and name of the partition: where the part ended. Not kept: the next run tries again. */
  const ends = new Map<string, number>()
  const endOf = (group: string, part: ReplayPart) =>
    Math.min(part.to, ends.get(`${group} ${partitionName(part)}`) ?? part.to)
  /** Each part with where it ends in this run. */
  const withEnds = () =>
    [...state].flatMap(([group, parts]) =>
      [...parts.values()].map((part) => ({ ...part, end: endOf(group, part) })),
    )
  /** Groups share the file. */
  let writing: Promise<void> = Promise.resolve()

  return {
    parts: start,
    total: all().reduce((sum, { first, to }) => sum + (to - first), 0),
    done: () => all().reduce((sum, { first, from }) => sum + (from - first), 0),
    isOver: () => all().every(({ from, to }) => from >= to),
    isAtEnd: () => withEnds().every(({ from, end }) => from >= end),
    end: (group, partition, at) => ends.set(`${group} ${partitionName(partition)}`, at),
    left(most) {
      const names: string[] = []
      for (const { topic, partition, from, end, finished } of withEnds()) {
        for (let offset = from; offset < end && names.length < most; offset++) {
          const range = finished.find((each) => each.from <= offset && offset < each.to)
          if (range === undefined) names.push(recordName({ topic, partition, offset }))
          else offset = range.to - 1
        }
      }
      return names
    },
    async finished(group, offsets) {
      const parts = state.get(group)
      for (const { topic, partition, offset, finished } of offsets) {
        const name = partitionName({ topic, partition })
        const part = parts?.get(name)
        if (part !== undefined) parts?.set(name, { ...part, from: offset, finished })
      }
      if (file === null) return
      writing = writing
        .catch(() => {})
        .then(() => {
          const kept = Array.from(state, ([name, own]) => [name, [...own.values()]])
          const text = { version: VERSION, range, parts: Object.fromEntries(kept) }
          return writeSafely(file, JSON.stringify(text)).catch((error) => {
            throw wrong(file, `cannot be written: ${messageOf(error)}; name another file`)
          })
        })
      await writing
    },
  }
}

/** Whole or not at all: after a crash the file is the old one or the new one. */
async function writeSafely(file: string, text: string): Promise<void> {
  const next = `${file}.next`
  const handle = await open(next, 'w')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(next, file)
  const folder = await open(dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}

function wrong(file: string, why: string): OccError {
  return new OccError('OCC_REPLAY_PROGRESS', `--progress ${file} ${why}`)
}
