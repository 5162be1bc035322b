import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One attempt that ended, as handlers/planned.ts wrote it. */
export interface Attempt {
  /** Of the task. */
  readonly id: number
  /** Empty: none. */
  readonly key: string
  readonly partition: number
  readonly offset: number
  /** 1 for the first one in its process. */
  readonly attempt: number
  readonly result: 'ok' | 'retry' | 'dead'
  /** Microseconds of the machine's clock: comparable between processes. */
  readonly began: number
  readonly ended: number
  /** Number of the service that made it. */
  readonly service: number
}

const PREFIX = 'attempts-'

export function attemptsFile(folder: string, service: number): string {
  return join(folder, `${PREFIX}${service}.csv`)
}

/** What each service wrote, line by line. A half-written last line is none. */
export function readLines(folder: string): Array<{ service: number; lines: string[] }> {
  return contentsOf(folder).map(({ service, bytes }) => {
    return { service, lines: bytes.toString().split('\n').slice(0, -1) }
  })
}

/** What all services did, by the time they ended it. */
export function readAttempts(folder: string): Attempt[] {
  const attempts: Attempt[] = []
  for (const { service, lines } of readLines(folder)) {
    for (const line of lines) {
      const [id, key = '', partition, offset, attempt, result, began, ended] = line.split(',')
      attempts.push({
        id: Number(id),
        key,
        partition: Number(partition),
        offset: Number(offset),
        attempt: Number(attempt),
        result: result as Attempt['result'],
        began: Number(began),
        ended: Number(ended),
        service,
      })
    }
  }
  return attempts.sort((a, b) => a.ended - b.ended)
}

/** How many attempts there were, without parsing them: to be asked often. */
export function countAttempts(folder: string): number {
  let count = 0
  for (const { bytes } of contentsOf(folder)) {
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  }
  return count
}

function contentsOf(folder: string): Array<{ service: number; bytes: Buffer }> {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => ({
      service: Number(name.slice(PREFIX.length).split('.')[0]),
      bytes: readFileSync(join(folder, name)),
    }))
}

/** The successes of each record, the first one first. */
export function successesOf(attempts: readonly Attempt[]): Map<number, Attempt[]> {
  return Map.groupBy(
    attempts.filter(({ result }) => result === 'ok'),
    ({ id }) => id,
  )
}

export interface OrderReport {
  /** Keys that were looked at. */
  readonly keys: number
  /** A later record of the key was begun before an earlier one was over for the first time. */
  readonly swapped: readonly string[]
  /** Two records of the key were in flight at the same time. */
  readonly overlapping: readonly string[]
}

/**
 * Looks at each key's records in the order of their offsets. A record is over for the first time
 * with its first success, or with the first attempt after which it is given up: one that answers
 * `dead`, or its last one of `mostAttempts`. No attempt at a later record may begin before that,
 * in any process. What is handled again after that (redelivery after a kill) is not a swap: it was
 * handled in order before. And attempts at different records of a key never overlap, ever.
 */
export function checkOrder(attempts: readonly Attempt[], mostAttempts: number): OrderReport {
  const byKey = Map.groupBy(
    attempts.filter(({ key }) => key !== ''),
    ({ key }) => key,
  )
  const swapped: string[] = []
  const overlapping: string[] = []
  for (const [key, own] of byKey) {
    const records = [...Map.groupBy(own, ({ offset }) => offset)].sort(([a], [b]) => a - b)
    let over = 0
    let before = -1
    for (const [offset, tries] of records) {
      const began = Math.min(...tries.map((one) => one.began))
      if (began < over) swapped.push(`key ${key}: offset ${offset} before ${before}`)
      const ends = tries.filter(
        ({ result, attempt }) => result !== 'retry' || attempt >= mostAttempts,
      )
      const end = Math.min(...ends.map(({ ended }) => ended))
      // One that was never over must be followed by nothing.
      if (end >= over) before = offset
      over = Math.max(over, end)
    }
    const inTime = own.toSorted((a, b) => a.began - b.began)
    for (const [index, next] of inTime.entries()) {
      const last = inTime[index - 1]
      if (last === undefined || last.ended <= next.began) continue
      overlapping.push(`key ${key}: offsets ${last.offset} and ${next.offset}`)
    }
  }
  return { keys: byKey.size, swapped, overlapping }
}
