/**
 * Remembers the newest event ids of one partition, between `size` and twice as many, in two sets
 * that take turns: the older is dropped whole, so forgetting costs nothing per id.
 */
export interface DuplicateWindow {
  /** Whether the id was seen before; it is remembered either way. */
  seen(id: string): boolean
}

export function createDuplicateWindow(size: number): DuplicateWindow {
  let newer = new Set<string>()
  let older = new Set<string>()
  return {
    seen(id) {
      if (newer.has(id)) return true
      const known = older.has(id)
      newer.add(id)
      if (newer.size >= size) {
        older = newer
        newer = new Set()
      }
      return known
    },
  }
}
