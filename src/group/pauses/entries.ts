import { type Pause, type PauseTarget, pauseTargetName } from '../../kernel/shapes/pause-target.ts'

/**
 * What was said last about a target. Of two entries for one target the later one counts, wherever
 * they come from: whoever joins what several pods know gets the same, in whatever order.
 */
export interface PauseEntry {
  readonly target: PauseTarget
  /** When it was said, milliseconds since the epoch; later than what it replaces. */
  readonly at: number
  /** False: it was resumed. */
  readonly isPaused: boolean
  readonly by: string
  /** Milliseconds since the epoch; null: without an end. */
  readonly until: number | null
  readonly reason: string | null
}

/** By the name of the target. */
export type PauseEntries = ReadonlyMap<string, PauseEntry>

/** For as long as somebody may still know something older. Milliseconds. */
const REMEMBERED = 86_400_000
/** UTF-16 units; longer texts are not ours. A reason has up to 200 characters, each of up to two. */
const MAX_NAME = 255
const MAX_REASON = 400

export function isInForce({ isPaused, until }: PauseEntry, now: number): boolean {
  return isPaused && (until === null || until > now)
}

/** Nobody needs to be told any more. */
export function isForgotten(entry: PauseEntry, now: number): boolean {
  return !isInForce(entry, now) && Math.max(entry.at, entry.until ?? 0) + REMEMBERED < now
}

export function pausesOf(entries: Iterable<PauseEntry>, now: number): Pause[] {
  return [...entries]
    .filter((entry) => isInForce(entry, now))
    .map(({ target, by, at, until, reason }) => ({ ...target, by, since: at, until, reason }))
}

/** Both together, without what is forgotten. */
export function joined(known: PauseEntries, found: Iterable<PauseEntry>, now: number) {
  const all = new Map(known)
  for (const entry of found) {
    const name = pauseTargetName(entry.target)
    const other = all.get(name)
    if (other === undefined || isLater(entry, other)) all.set(name, entry)
  }
  for (const [name, entry] of all) if (isForgotten(entry, now)) all.delete(name)
  return all
}

function isLater(entry: PauseEntry, other: PauseEntry): boolean {
  if (entry.at !== other.at) return entry.at > other.at
  // Said in the same millisecond: everybody chooses the same one.
  return JSON.stringify(written(entry)) > JSON.stringify(written(other))
}

/** Empty for no entry. */
export function textOf(entries: readonly PauseEntry[]): string {
  return entries.length === 0 ? '' : JSON.stringify({ v: 1, pauses: entries.map(written) })
}

function written({ target, at, isPaused, by, until, reason }: PauseEntry) {
  return {
    ...target,
    at,
    by,
    ...(isPaused ? {} : { resumed: true }),
    ...(until === null ? {} : { until }),
    ...(reason === null ? {} : { reason }),
  }
}

/** Never throws: what is no entry, or not of this version, is left out. */
export function entriesIn(text: string): PauseEntry[] {
  try {
    const value: unknown = JSON.parse(text || 'null')
    if (typeof value !== 'object' || value === null || !('pauses' in value)) return []
    return Array.isArray(value.pauses) ? value.pauses.flatMap((each) => entryOf(each) ?? []) : []
  } catch {
    return []
  }
}

function entryOf(value: unknown): PauseEntry | null {
  if (typeof value !== 'object' || value === null) return null
  const { at, by, resumed, until = null, reason = null, ...rest } = value as Record<string, unknown>
  const target = targetOf(rest)
  if (target === null || !isTime(at) || !isText(by, MAX_NAME)) return null
  if (until !== null && !isTime(until)) return null
  if (reason !== null && !isText(reason, MAX_REASON)) return null
  return { target, at, isPaused: resumed !== true, by, until, reason }
}

function targetOf({ topic, partition, handler }: Record<string, unknown>): PauseTarget | null {
  if (isText(handler, MAX_NAME)) return { handler }
  if (!isText(topic, MAX_NAME)) return null
  if (partition === undefined) return { topic }
  return isTime(partition) ? { topic, partition } : null
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= max
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
