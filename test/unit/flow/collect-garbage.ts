import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Frees what nothing holds any more. What a WeakRef gave away is held until the next turn. */
export async function collectGarbage(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  collect()
}

/** Whether nothing holds it any more. A boolean, because printing megabytes takes a test for ever. */
export function isGone(reference: WeakRef<object>): boolean {
  return reference.deref() === undefined
}
