import type { Clock } from '../../kernel/clock.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import { createDuplicateWindow, type DuplicateWindow } from './window.ts'

/** The windows of all partitions that this process has or recently had. */
export interface DuplicateWindows {
  /**
   * The window of the partition. It outlives an assignment: if the partition returns within the age
   * of its ids, the window continues, otherwise it starts empty. Ids are not passed between
   * processes, so it lacks what another process handled meanwhile.
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
