import { codeOf, messageOf } from '../../../kernel/errors.ts'
import type { Log } from '../../../kernel/log.ts'
import type { DeadLetter } from '../../../kernel/shapes/dead-letter.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import { Repeats } from '../../../kernel/time/repeats.ts'
import { coordinates } from '../letter-id.ts'

/** Lines a minute for the same topic and code. */
const MAX_LINES = 10

/**
 * Logs each letter that was kept in the folder, with the error of the first target. Lines that
 * repeat are counted.
 */
export function createFallbackLog(folder: string, clock: Clock, log: Log) {
  const repeats = new Repeats(MAX_LINES)
  return (letter: DeadLetter, reason: unknown): void => {
    const { topic, partition, offset } = letter.record
    const code = codeOf(reason)
    repeats.say(`${topic} ${code}`, clock.monotonic(), (again) =>
      log.warn(
        { event: 'dead-letters.fallback', topic, partition, offset, code, folder },
        `The letter of ${coordinates(letter)} is kept in ${folder}. ${messageOf(reason)}${again}`,
      ),
    )
  }
}
