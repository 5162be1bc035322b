interface Entry {
  readonly offset: number
}

/** Pending records that must not overlap or swap, by offset. Only the first is handed over. */
export class KeyQueue<Record extends Entry> {
  entries: Record[] = []
  /** How many are running: more than one only as a slice. */
  running = 0

  get first(): Record | undefined {
    return this.entries[0]
  }

  /** Inserts the record by offset. */
  insert(entry: Record): void {
    // Nearly every key has one record, and an array that has grown has room for 17.
    if (this.entries.length === 0) this.entries = [entry]
    else insertByOffset(this.entries, entry)
  }
}

/** Inserts the record by offset. Most come last, which allocates nothing. */
export function insertByOffset<Record extends Entry>(entries: Record[], entry: Record): void {
  let index = entries.length
  while (index > 0 && (entries[index - 1]?.offset ?? 0) > entry.offset) index -= 1
  if (index === entries.length) entries.push(entry)
  else entries.splice(index, 0, entry)
}

export function removeFrom<Record extends Entry>(entries: Record[], entry: Record): void {
  // Most are removed from the front.
  if (entries[0] === entry) {
    entries.shift()
    return
  }
  const index = entries.indexOf(entry)
  if (index >= 0) entries.splice(index, 1)
}
