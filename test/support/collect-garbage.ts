import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Frees what nothing references any more. What a WeakRef returned is held until the next turn. */
export async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  collect()
}

/**
 * Whether nothing references it any more. A boolean, because printing megabytes would make a test
 * take forever.
 */
export function isGone(reference: WeakRef<object>): boolean {
  return reference.deref() === undefined
}
