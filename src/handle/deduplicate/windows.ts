import type { Clock } from '../../kernel/clock.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import { createDuplicateWindow, type DuplicateWindow } from './window.ts'

/** The windows of all partitions that this process has, or had lately. */
export interface DuplicateWindows {
  /**
   * The window of the partition. It outlives an assignment: when the partition comes back within
   * the age of its ids, it goes on; else it begins empty. What another process handled meanwhile is
   * not in it: ids are not handed from one process to another.
   */
  open(partition: TopicPartition): DuplicateWindow
}

/** @param age milliseconds. */
export function createDuplicateWindows(size: number, age: number, clock: Clock): DuplicateWindows {
  const windows = new Map<string, DuplicateWindow>()
  return {
    open(partition) {
      for (const window of windows.values()) if (window.isStale) window.clear()
      const name = partitionName(partition)
      let window = windows.get(name)
      if (window === undefined) {
        window = createDuplicateWindow(size, age, clock)
        windows.set(name, window)
      }
      return window
    },
  }
}
