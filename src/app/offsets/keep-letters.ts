import type { Line } from '../../commit/transactions/line.ts'
import type { Submission } from '../../commit/transactions/submission.ts'
import type { DeadLetter, DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { DeadLetterMeter } from '../../observe/types.ts'
import { meteredKeep } from '../../sink/dead-letters/metered-target.ts'
import { createKeepOnce } from './keep-once.ts'
import { withoutRefused } from './without-refused.ts'

export interface KeeperParts {
  /** Where letters go that are not joined. */
  readonly deadLetters: DeadLetterTarget
  readonly letterMeter: DeadLetterMeter
  write(submission: Submission): Promise<void>
  /** Letters are in the transaction of the offsets; otherwise they are kept before it. */
  readonly isJoined: boolean
}

/**
 * Keeps the letter of a record together with what other handlers of the record want written.
 * Rejects as `DeadLetterTarget.keep` does; it may then be called again with the same letter.
 */
export function createKeeper({ deadLetters, letterMeter, write, isJoined }: KeeperParts) {
  const keepOnce = createKeepOnce<KafkaRecord>(deadLetters)

  async function joined(letter: DeadLetter, submission: Submission): Promise<void> {
    try {
      await meteredKeep(letterMeter, letter, () => write({ ...submission, letter }))
    } catch (error) {
      // A table that is missing is made by the target.
      await deadLetters.check().catch(() => {})
      throw error
    }
  }

  async function apart(letter: DeadLetter, submission: Submission): Promise<void> {
    await keepOnce(letter.record, letter)
    if (submission.writes.length > 0) await write(submission)
  }

  return async (
    letter: DeadLetter,
    line: Line | undefined,
    writes: readonly HeldWrite[],
  ): Promise<void> => {
    if (line === undefined) return deadLetters.keep(letter)
    const { offset, timestamp } = letter.record
    const submission = { line, offsets: [offset], recordTime: timestamp }
    const keep = isJoined ? joined : apart
    await withoutRefused(writes, letter.handler, isJoined, (own, handler) =>
      keep({ ...letter, handler }, { ...submission, writes: own }),
    )
  }
}
