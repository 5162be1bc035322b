import type { OccError } from '../../kernel/errors.ts'
import { code, errorName, type FetchedPartition } from '../protocol/index.ts'
import type { Damages } from './damages.ts'
import { judge } from './error-codes.ts'
import type { FetchState } from './fetch-state.ts'
import type { FetchingParts } from './fetching-parts.ts'
import type { Positions } from './positions.ts'
import { takeBatches } from './take-batches.ts'
import { PASSING, type Waiting } from './waiting.ts'

export interface AnswersParts
  extends Pick<FetchingParts, 'options' | 'metadata' | 'listener' | 'reader' | 'clock' | 'log'> {
  readonly positions: Pick<Positions, 'recover'>
  readonly waiting: Pick<Waiting, 'wait' | 'recovered'>
  readonly damages: Pick<Damages, 'found'>
  moveTo(state: FetchState, replica: number | null): void
}

/** Handles what a fetch brings for one partition: batches, an error code, or no answer at all. */
export class Answers {
  readonly #parts: AnswersParts

  constructor(parts: AnswersParts) {
    this.#parts = parts
  }

  answered(state: FetchState, answer: FetchedPartition): void {
    state.answeredAt = this.#parts.clock.monotonic()
    if (answer.error !== code.NONE) {
      this.#refused(state, answer.error)
      return
    }
    this.#parts.waiting.recovered(state)
    if (answer.preferredReadReplica >= 0 && answer.preferredReadReplica !== state.node) {
      this.#parts.moveTo(state, answer.preferredReadReplica)
      return
    }
    this.take(state, answer)
  }

  /** The broker did not answer: all of these wait. */
  failed(states: readonly FetchState[], error: OccError): void {
    const { metadata, waiting, moveTo } = this.#parts
    metadata.refreshSoon()
    for (const state of states) {
      if (state.replica !== null) moveTo(state, null)
      waiting.wait(state, 'broker-unreachable', error.message, PASSING)
    }
  }

  /** Hands the batches on, and has a damaged one looked after. */
  take(state: FetchState, answer: FetchedPartition): void {
    const { listener, reader, log, options, damages } = this.#parts
    const before = state.position
    const { batches, position, epochs, damaged } = takeBatches(state, answer, reader)
    state.readEpochs(epochs)
    for (const batch of batches) {
      // The position moves with each batch, so that no batch is passed without being handed on.
      state.position = batch.nextOffset
      state.isOfTopic = state.topicId !== null
      listener.batch(batch)
      // The listener may find the batch unreadable at once: then the rest is void.
      if (state.isOver || state.isBusy || state.position !== batch.nextOffset) return
    }
    const { highWatermark, lastStableOffset } = answer
    state.endOffset = highWatermark
    state.isUnchanged = false
    listener.endOffset(state, highWatermark, lastStableOffset < 0 ? null : lastStableOffset)
    if (position >= highWatermark && position > before) {
      const { topic, partition } = state
      log.debug(
        {
          event: 'partition.end-reached',
          member: options.name,
          topic,
          partition,
          offset: highWatermark,
        },
        'Reached the end of the partition',
      )
    }
    if (damaged !== null && !state.isBusy) damages.found(state, damaged)
  }

  #refused(state: FetchState, error: number): void {
    const { listener, metadata, waiting, positions, moveTo } = this.#parts
    listener.fetchFailed(state, errorName(error))
    const { action, reason, message } = judge(error, state)
    if (state.replica !== null) {
      // A follower may be behind, so the leader is asked.
      moveTo(state, null)
      return
    }
    if (action === 'position') {
      positions.recover(state)
      return
    }
    if (action === 'metadata') {
      metadata.refreshSoon()
      waiting.wait(state, reason, message, PASSING)
    } else waiting.wait(state, reason, message)
  }
}
