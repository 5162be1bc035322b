import { sleep } from '../../../src/kernel/lifecycle.ts'

/**
 * Asked again until it is something (neither false nor undefined); fails with `what` after a
 * generous time. An error counts as not yet: a pod may be on its way, or the API server busy.
 */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => T | Promise<T>,
  intervalMilliseconds = 500,
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + seconds * 1000
  let reason = ''
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== false && answer !== undefined) {
        return answer as Exclude<T, false | undefined>
      }
      reason = ''
    } catch (error) {
      reason = `; the last try: ${error instanceof Error ? error.message : error}`
    }
    if (performance.now() > deadline) {
      throw new Error(`Waited ${seconds} s in vain for ${what}${reason}`)
    }
    await sleep(intervalMilliseconds)
  }
}
