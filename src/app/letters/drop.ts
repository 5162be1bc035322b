import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import type { OpenedStore } from './open.ts'
import type { Selection } from './selection.ts'
import { limited } from './wanted.ts'

const BATCH = 100

/**
 * Deletes the selected letters permanently, batch by batch. Resolves with how many.
 * @param signal ends it at once: what is not being deleted then stays
 */
export async function dropLetters(
  { store, goesOn }: OpenedStore,
  { filter, limit }: Selection,
  signal: AbortSignal,
  progress: (dropped: number) => void,
): Promise<number> {
  let batch: StoredLetter[] = []
  let dropped = 0
  const flush = async () => {
    await store.end(batch, 'dropped')
    dropped += batch.length
    batch = []
    progress(dropped)
  }
  for await (const letter of limited(store, filter, limit, undefined, { goesOn })) {
    if (signal.aborted) break
    batch.push(letter)
    if (batch.length === BATCH) await flush()
  }
  if (!signal.aborted) await flush()
  return dropped
}
