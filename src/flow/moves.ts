import type { LiveMove, MoveAnswer, MoveOrder } from '../group/offsets/types.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { TopicPartition } from '../kernel/shapes/record.ts'
import { movedTo } from '../kernel/shapes/replay.ts'
import { counted } from '../kernel/text/counted.ts'
import type { Meters } from '../observe/types.ts'
import type { Lane } from './lane/lane.ts'
import type { NewOffset, Session } from './session.ts'

export interface MovesParts {
  /** The lane of the partition and its session; null: no member of this process has it. */
  find(partition: TopicPartition): { readonly lane: Lane; readonly session: Session } | null
  /** Milliseconds for what is in flight. */
  deadline(): number
  readonly meters: Meters
  readonly log: Log
}

/**
 * Sets offsets of partitions that this process has, as an operator asks. From the checks to the drain
 * there is no turn of the event loop, so of two changes at once one finds the lane ended.
 */
export class Moves {
  readonly #parts: MovesParts

  constructor(parts: MovesParts) {
    this.#parts = parts
  }

  /** Answers for the partitions that this process has. Never rejects. */
  async move(order: MoveOrder): Promise<readonly MoveAnswer[]> {
    const answers = await Promise.all(order.moves.map((each) => this.#one(each, order)))
    return answers.filter((answer) => answer !== null)
  }

  async #one(move: LiveMove, order: MoveOrder): Promise<MoveAnswer | null> {
    const { topic, partition, offset } = move
    const found = this.#parts.find(move)
    // It is ended: for another member, or because another change of its offset is under way.
    if (found === null || found.lane.isClosing) return null
    const { lane, session } = found
    const answer = (before: number | null, reason: string | null) => ({
      ...{ topic, partition, before, reason },
    })
    const { operator, committable, handled } = lane.progress
    // It was asked before, and the answer was lost.
    if (operator.move === order.id) return answer(move.committed, null)
    if (operator.move !== move.move) {
      return answer(null, 'an operator has set it to another offset since the plan was made')
    }
    if (committable < (move.committed ?? 0)) {
      return answer(null, `it is at ${committable}, and was at ${move.committed}`)
    }
    if (offset > handled && !order.allowsSkip) {
      return answer(
        null,
        `${counted(offset - handled, 'record')} that nobody handled would be passed by`,
      )
    }
    // Meanwhile records get on. Set forward, it must not be set back by what was handled since.
    const isForward = offset > (move.committed ?? offset)
    const isPassed = (now: number) => isForward && now > offset
    const passed = (now: number) =>
      answer(null, `it is at ${now} by now, past ${offset}, by itself`)
    if (isPassed(committable)) return passed(committable)
    let until = handled
    try {
      const to: NewOffset = {
        offset: (now: number) => (isPassed(now) ? now : offset),
        operator: (handledNow: number, to: number) => {
          until = handledNow
          const { skippedFrom } = operator
          const state = { handled: handledNow, skippedFrom }
          return movedTo(to, state, order.id, order.deduplicates)
        },
      }
      const before = await session.move(lane, to, this.#parts.deadline())
      if (before === null) return null
      if (isPassed(before)) return passed(before)
      this.#report(move, before, until)
      return answer(before, null)
    } catch (error) {
      if (codeOf(error) === 'OCC_COMMIT_FENCED') return null
      return answer(null, messageOf(error))
    }
  }

  #report({ topic, partition, offset }: LiveMove, before: number, handled: number): void {
    const { log, meters } = this.#parts
    const fields = { topic, partition, from: before, to: offset }
    log.warn(
      { event: 'offsets.moved', ...fields },
      `An operator has moved ${topic} partition ${partition} from ${before} to ${offset}`,
    )
    const records = offset - handled
    if (records <= 0) return
    meters.topic(topic).operatorSkipped += records
    log.warn(
      { event: 'offsets.skipped', topic, partition, from: handled, to: offset, records },
      `An operator has passed by ${counted(records, 'record')} of ${topic} partition ${partition}, unhandled: ${handled} to ${offset - 1}`,
    )
  }
}
