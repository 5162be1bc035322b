// Ends a worker thread in the middle of a call: of `options.every` records of a partition, one before the call has
// answered, and one while what it emitted is being written. Each only once, by a file in `options.folder`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export function mayDie(
  { partition, offset }: { readonly partition: number; readonly offset: number },
  { every, folder }: Readonly<Record<string, unknown>>,
): void {
  const place = offset % Number(every)
  const when = place === 5 ? 'before' : place === 10 ? 'written' : null
  if (when === null || !isFirst(folder, `died-${when}-${partition}-${offset}`)) return
  if (when === 'before') process.exit(3)
  // Its transaction is under way by then.
  setTimeout(() => process.exit(3), 4)
}

/** False: it was so before, in this process or another. */
function isFirst(folder: unknown, name: string): boolean {
  try {
    writeFileSync(join(String(folder), name), '', { flag: 'wx' })
    return true
  } catch {
    return false
  }
}
