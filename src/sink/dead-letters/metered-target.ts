import { codeOf } from '../../kernel/errors.ts'
import type { DeadLetter, DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import type { DeadLetterMeter } from '../../observe/types.ts'

/** Counts the target's attempts; the caller counts what waits between them. */
export function createMeteredTarget(
  target: DeadLetterTarget,
  meter: DeadLetterMeter,
): DeadLetterTarget {
  return {
    keep: (letter) => meteredKeep(meter, letter, () => target.keep(letter)),
    check: () => target.check(),
    close: () => target.close(),
  }
}

/** Counts one attempt to keep a letter. */
export async function meteredKeep(
  meter: DeadLetterMeter,
  letter: DeadLetter,
  keep: () => Promise<void>,
): Promise<void> {
  const started = performance.now()
  try {
    await keep()
    meter.kept += 1
    meter.kinds.count(letter)
    meter.keepSeconds.observe((performance.now() - started) / 1000)
  } catch (error) {
    meter.errors.count(codeOf(error))
    throw error
  }
}
