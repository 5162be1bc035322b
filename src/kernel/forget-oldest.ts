/** Removes what came first, until no more than `most` are left. */
export function forgetOldest<Key>(known: Map<Key, unknown> | Set<Key>, most: number): void {
  for (const key of known.keys()) {
    if (known.size <= most) return
    known.delete(key)
  }
}
