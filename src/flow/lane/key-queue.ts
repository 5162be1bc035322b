import type { PendingRecord } from './pending-record.ts'

/** Pending records that must not overlap or swap, by offset. Only the first is handed over. */
export class KeyQueue {
  readonly entries: PendingRecord[] = []
  /** How many are running: more than one only as a slice. */
  running = 0

  get first(): PendingRecord | undefined {
    return this.entries[0]
  }
}

/** Inserts the record by offset. Most come last, which allocates nothing. */
export function insertByOffset(entries: PendingRecord[], entry: PendingRecord): void {
  let index = entries.length
  while (index > 0 && (entries[index - 1]?.offset ?? 0) > entry.offset) index -= 1
  if (index === entries.length) entries.push(entry)
  else entries.splice(index, 0, entry)
}

export function removeFrom(entries: PendingRecord[], entry: PendingRecord): void {
  // Most are removed from the front.
  if (entries[0] === entry) {
    entries.shift()
    return
  }
  const index = entries.indexOf(entry)
  if (index >= 0) entries.splice(index, 1)
}
