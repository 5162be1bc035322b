import type { Clock } from '../../kernel/time/clock.ts'
import { hashId, IdSet } from './id-set.ts'

/** Recently handled ids of one partition. */
export interface DuplicateWindow {
  has(id: string): boolean
  add(id: string): void
  /** All its ids have expired. */
  readonly isStale: boolean
  clear(): void
  /** Size of the tables. */
  readonly bytes: number
}

/**
 * Remembers at least the newest `size` ids and at most twice as many, for at least `age`
 * milliseconds (unless there are too many) and at most twice as long. Two tables alternate, so
 * expiring an id costs nothing.
 */
export function createDuplicateWindow(size: number, age: number, clock: Clock): DuplicateWindow {
  let newer = new IdSet()
  let older = new IdSet()
  /** When `newer` began, monotonic milliseconds. */
  let began = clock.monotonic()

  function turn(now: number): void {
    const elapsed = now - began
    if (newer.size < size && elapsed < age) return
    older = elapsed < 2 * age ? newer : new IdSet()
    newer = new IdSet()
    began = now
  }

  return {
    has(id) {
      if (newer.size > 0 || older.size > 0) turn(clock.monotonic())
      hashId(id)
      return newer.hasHashed() || older.hasHashed()
    },
    add(id) {
      const now = clock.monotonic()
      if (newer.size === 0 && older.size === 0) began = now
      turn(now)
      hashId(id)
      newer.addHashed()
    },
    get isStale() {
      return clock.monotonic() - began >= 2 * age
    },
    clear() {
      newer = new IdSet()
      older = new IdSet()
    },
    get bytes() {
      return newer.bytes + older.bytes
    },
  }
}
