import { REDRIVES_HEADER } from '../kernel/shapes/dead-letter.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import type { Reorgs } from './reorgs.ts'
import type { ChainEvent } from './types.ts'

/** Records that were handled before: only their blocks are of interest. */
export interface Recall {
  /** To be given to the readers of messages. */
  readonly reorgs: Reorgs
  /** As `Decoder.recall`. @param decode reads the record, with `reorgs` */
  recall(record: KafkaRecord, decode: () => void): (() => void) | null
}

export function createRecall(reorgs: Reorgs): Recall {
  let isRecalling = false
  let first: ChainEvent | undefined
  return {
    reorgs: {
      observe(record, events) {
        if (!isRecalling) return reorgs.observe(record, events)
        first = events[0]
        return events
      },
    },
    recall(record, decode) {
      isRecalling = true
      first = undefined
      try {
        decode()
      } catch {
        // It became a dead letter.
        return null
      } finally {
        isRecalling = false
      }
      // A redriven record is not in the place of its block.
      if (first === undefined || record.headers?.[REDRIVES_HEADER] !== undefined) return null
      const events = [first]
      const { topic, partition, offset, timestamp } = record
      // Without the bytes, which may not be kept.
      const place = { topic, partition, offset, timestamp, key: null, value: null }
      return () => void reorgs.observe({ ...place, headers: undefined }, events)
    },
  }
}
