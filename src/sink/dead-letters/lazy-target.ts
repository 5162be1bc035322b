import type { DeadLetterTarget } from '../../kernel/dead-letter.ts'

/** A target that is created on first use. A failed creation is retried. */
export function createLazyTarget(make: () => Promise<DeadLetterTarget>): DeadLetterTarget {
  let made: Promise<DeadLetterTarget> | null = null

  function open(): Promise<DeadLetterTarget> {
    made ??= make().catch((error) => {
      made = null
      throw error
    })
    return made
  }

  return {
    keep: async (letter) => (await open()).keep(letter),
    check: async () => (await open()).check(),
    async close() {
      await (await made)?.close()
    },
  }
}
