import { REDRIVES_HEADER } from '../kernel/shapes/dead-letter.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import type { Reorgs } from './reorgs.ts'
import type { BlockEvents } from './streams/message-stream.ts'

/** Records that were handled before: only their blocks are of interest. */
export interface Recall {
  /** To be given to the readers of messages. */
  readonly reorgs: Reorgs
  /** As `Decoder.recall`. @param decode reads the record, with `reorgs` */
  recall(record: KafkaRecord, decode: () => void): (() => void) | null
}

export function createRecall(reorgs: Reorgs): Recall {
  let isRecalling = false
  let recalled: BlockEvents | null = null
  return {
    reorgs: {
      observe(record, found) {
        if (!isRecalling) return reorgs.observe(record, found)
        recalled = { ...found, events: [] }
        return found.events
      },
    },
    recall(record, decode) {
      isRecalling = true
      recalled = null
      try {
        decode()
      } catch {
        // It became a dead letter.
        return null
      } finally {
        isRecalling = false
      }
      // A redriven record is not in the place of its block.
      const found = recalled as BlockEvents | null
      if (found === null || record.headers?.[REDRIVES_HEADER] !== undefined) return null
      const { topic, partition, offset, timestamp } = record
      // Without the bytes, which may not be kept.
      const place = { topic, partition, offset, timestamp, key: null, value: null }
      return () => void reorgs.observe({ ...place, headers: undefined }, found)
    },
  }
}
