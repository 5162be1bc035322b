import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { createDuplicateWindow, type DuplicateWindow } from './window.ts'

/** The windows of all partitions that this process has or recently had. */
export interface DuplicateWindows {
  /**
   * The window of the partition. It outlives an assignment: if the partition returns within the age
   * of its ids, the window continues, otherwise it starts empty. Ids are not passed between
   * processes, so it lacks what another process handled meanwhile.
   */
  open(partition: TopicPartition): DuplicateWindow
  /** The same, empty: what was handled before is to be handled once more. */
  openAnew(partition: TopicPartition): DuplicateWindow
}

/** @param age milliseconds. */
export function createDuplicateWindows(size: number, age: number, clock: Clock): DuplicateWindows {
  const windows = new Map<string, DuplicateWindow>()

  function openAnew(partition: TopicPartition): DuplicateWindow {
    for (const window of windows.values()) if (window.isStale) window.clear()
    const window = createDuplicateWindow(size, age, clock)
    // Not cleared: calls of an earlier assignment that still run would add to it.
    windows.set(partitionName(partition), window)
    return window
  }

  return {
    openAnew,
    open(partition) {
      const window = windows.get(partitionName(partition))
      if (window === undefined) return openAnew(partition)
      for (const each of windows.values()) if (each.isStale) each.clear()
      return window
    },
  }
}
