import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { lineToLetter } from '../../../src/sink/dead-letters/file/letter-line.ts'
import type { StoredLetter } from '../../../src/sink/dead-letters/types.ts'
import { until } from '../../support/waiting.ts'

/** How long no record may be handled for the first time, in milliseconds. */
const PATIENCE = 120_000
/** From one account to the next, in milliseconds. */
const PAUSE = 500

export interface Handled {
  readonly id: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly time: number
}

/** What all processes handled, in each process's order. A half-written last line is not a record. */
export function readHandled(folder: string, prefix = 'handled-'): Handled[] {
  return linesOf(folder, prefix).map((line) => {
    const [id = '', partition, offset, time] = line.split(',')
    return { id, partition: Number(partition), offset: Number(offset), time: Number(time) }
  })
}

export interface FailedRecord {
  readonly id: string
  readonly partition: number
  readonly offset: number
  readonly errorType: string
}

/** What all processes kept as failed records. */
export function readFailed(folder: string): FailedRecord[] {
  return linesOf(join(folder, 'dead-letters'), '').map((line) => {
    const record = JSON.parse(line)
    return {
      id: Buffer.from(record.headers['synthetic-id'] ?? '', 'base64').toString(),
      partition: record.original_partition,
      offset: record.original_offset,
      errorType: record.error_type,
    }
  })
}

/** The same, whole. */
export function readLetters(folder: string): StoredLetter[] {
  return linesOf(join(folder, 'dead-letters'), '').flatMap((line) => lineToLetter(line) ?? [])
}

/** How many whole lines the files hold, without parsing them. */
export function countHandled(folder: string): number {
  let count = 0
  for (const bytes of contentsOf(folder, 'handled-')) {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  }
  return count
}

function linesOf(folder: string, prefix: string): string[] {
  return contentsOf(folder, prefix).flatMap((bytes) =>
    bytes.toString('utf8').split('\n').slice(0, -1),
  )
}

function contentsOf(folder: string, prefix: string): Buffer[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => readFileSync(join(folder, name)))
}

export interface Account {
  readonly produced: number
  readonly handled: number
  readonly failed: number
  readonly lost: number
  /** Times a record was handled again. */
  readonly repeated: number
  readonly lostIds: readonly string[]
}

/** Every produced id must have been handled or kept, at least once. */
export function account(folder: string, produced: Iterable<string>): Account {
  const seen = new Set<string>()
  const handled = readHandled(folder)
  const failed = readFailed(folder)
  let deliveries = 0
  for (const { id } of [...handled, ...failed]) {
    seen.add(id)
    deliveries += 1
  }
  const ids = [...produced]
  const lostIds = ids.filter((id) => !seen.has(id))
  return {
    produced: ids.length,
    handled: handled.length,
    failed: failed.length,
    lost: lostIds.length,
    repeated: deliveries - seen.size,
    lostIds: lostIds.slice(0, 10),
  }
}

/**
 * The account once every id is handled or kept, or once none more has been for two minutes. However slow a machine is,
 * what is still on its way is not lost; and what is handled again and again is no progress.
 */
export async function settled(folder: string, produced: readonly string[]): Promise<Account> {
  let now = account(folder, produced)
  for (;;) {
    const before = now.lost
    const goesOn = () => {
      now = account(folder, produced)
      return now.lost === 0 || now.lost < before
    }
    await until(goesOn, 'records to be handled', PATIENCE).catch(() => {})
    if (now.lost === 0 || now.lost === before) return now
    await sleep(PAUSE)
  }
}

/** The longest time, in milliseconds, that any partition got no record handled, and which one. */
export function longestPause(handled: readonly Handled[]): { partition: number; ms: number } {
  const times = new Map<number, number[]>()
  for (const { partition, time } of handled) {
    const list = times.get(partition) ?? []
    list.push(time)
    times.set(partition, list)
  }
  let longest = { partition: -1, ms: 0 }
  for (const [partition, list] of times) {
    list.sort((a, b) => a - b)
    for (const [index, time] of list.entries()) {
      const ms = time - (list[index - 1] ?? time)
      if (ms > longest.ms) longest = { partition, ms }
    }
  }
  return longest
}

/** Prints the figures of a test, aligned, under its name. */
export function printFigures(name: string, figures: Readonly<Record<string, unknown>>): void {
  const width = Math.max(...Object.keys(figures).map((key) => key.length))
  const lines = Object.entries(figures).map(([key, value]) => `  ${key.padEnd(width)}  ${value}`)
  console.log(`\n${name}\n${lines.join('\n')}\n`)
}
