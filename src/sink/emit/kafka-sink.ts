import type { TopicWriter } from '../../broker/topics/topic-writer.ts'
import type { Compression } from '../../kernel/compression.ts'
import { codeOf } from '../../kernel/errors.ts'
import { createBatcher } from '../batcher.ts'
import { EMITTED, type EmitSink, type EmittedItem } from './types.ts'

/** Headers of an emitted record: the idempotency key and the handler. */
const ID_HEADER = 'occ-id'
const EMITTER_HEADER = 'occ-emitter'
/** There, with the value `true`, if the record was handled before: docs/admin.md. */
const REPLAY_HEADER = 'occ-replay'

/** Writer errors that may be caused by a single record of a batch. */
const OF_ONE: ReadonlySet<string> = new Set(['OCC_RECORD_TOO_LARGE', 'OCC_TIMESTAMP_REFUSED'])

/** Writes values as records of a topic; acknowledged by all in-sync replicas. */
export function createKafkaSink(
  topic: string,
  writer: TopicWriter,
  compression: Compression = 'none',
): EmitSink {
  const batcher = createBatcher<EmittedItem>({
    write: (items) => writer.write(items.map(toRecord), compression),
    sizeOf: ({ value }) => value.length,
    isolates: (error) => OF_ONE.has(codeOf(error)),
    ...EMITTED,
  })

  function toRecord({ id, key, handler, value, replay, trace }: EmittedItem) {
    return {
      topic,
      key: key === null ? null : Buffer.from(key),
      value,
      headers: {
        [ID_HEADER]: id,
        [EMITTER_HEADER]: handler,
        ...(replay && { [REPLAY_HEADER]: 'true' }),
        ...trace?.headers,
      },
      timestamp: null,
      partition: null,
    }
  }

  return {
    check: () => writer.check([topic]),
    write: (item) => batcher.add(item),
    async close() {
      await batcher.idle()
      await writer.close()
    },
  }
}
