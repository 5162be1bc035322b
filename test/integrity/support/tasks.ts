import type { ProducedRecord } from '../../../dev/synthetic/types.ts'

/**
 * What the handler of these tests (handlers/planned.ts) does with a record; it is the record's value.
 *
 * - `twice`: fails twice, then succeeds.
 * - `permanent`: a programming error, dead once others succeed. `always`: fails whenever it is tried. Both only
 *   until the handler is repaired.
 * - `broken`: does not get as far as the handler: its value is no JSON. `protobuf`: nor is it text.
 * - `hang`: never ends and ignores its signal. `loop`: computes forever. `exit`: ends its
 *   thread. These three, too, until the handler is repaired.
 * - `float`: a promise that it does not await is rejected. `event`: an `error` event without a
 *   listener. `timer`: a throw in a timer. All three answer ok. `lost`: a throw in the callback that
 *   was to answer, each time.
 */
export type Fault =
  | 'twice'
  | 'permanent'
  | 'always'
  | 'broken'
  | 'protobuf'
  | 'hang'
  | 'loop'
  | 'exit'
  | StrayFault

export type StrayFault = 'float' | 'event' | 'timer' | 'lost'

export interface Task {
  readonly id: number
  /** null: the record has no key. */
  readonly key: number | null
  /** Milliseconds that the handler waits. */
  readonly wait: number
  readonly fault: Fault | null
}

export const NO_FAULT = { wait: 0, fault: null } as const

/** Tasks that wait for nothing, spread over this many keys. */
export function makeTasks(
  count: number,
  { keys = 200, faultOf = (_: number): Fault | null => null } = {},
): Task[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    key: spread(id, 3, keys),
    wait: 0,
    fault: faultOf(id),
  }))
}

/** Records of a key are in one partition. */
export function partitionOf({ id, key }: Task, partitions: number): number {
  return (key ?? id) % partitions
}

export function recordOf(task: Task, partitions: number, timestamp: number): ProducedRecord {
  const { id, key, fault } = task
  const value = JSON.stringify(task)
  return {
    key: key === null ? null : Buffer.from(`key-${key}`),
    value:
      fault === 'protobuf'
        ? protobufOf(id)
        : Buffer.from(value.slice(0, fault === 'broken' ? -1 : undefined)),
    headers: { 'task-id': String(id) },
    partition: partitionOf(task, partitions),
    timestamp,
  }
}

/** A message with a field of 32 bytes and a number, as a program writes it. */
function protobufOf(id: number): Buffer {
  const hash = Array.from({ length: 32 }, (_, index) => spread(id, index, 256))
  return Buffer.from([0x0a, hash.length, ...hash, 0x10, 0x80 | (id & 0x7f), (id >> 7) & 0x7f])
}

/** Looks like chance, and is the same in every run: from 0 to `below`, without it. */
export function spread(id: number, salt: number, below: number): number {
  let hash = Math.imul(id + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) % below
}
