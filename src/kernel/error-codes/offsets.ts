import type { ErrorChapter } from './chapter.ts'

export const offsets = {
  title: 'Offsets, fetching and batches',
  introduction:
    'A batch that cannot be read stops its own partition only ([what to do](operations.md#a-batch-cannot-be-read)).',
  codes: {
    OCC_NO_OFFSET: {
      meaning: 'The group has no committed offset and `kafka.autoOffsetReset` is `none`.',
      remedy: 'Set it to `earliest` or `latest`, or commit an offset first.',
      retriable: 'no',
    },
    OCC_OFFSET_UNKNOWN: {
      meaning: 'The broker did not say where a partition begins or ends.',
      remedy: 'None, unless it lasts: then look at the leader of the partition.',
      retriable: 'yes',
    },
    OCC_OFFSETS: {
      meaning: 'The start offsets could not be found for an unforeseen reason; it is tried again.',
      remedy: 'See the message; report it if it comes again.',
      retriable: 'yes',
    },
    OCC_OFFSET_RANGE: {
      meaning: 'The broker gave an offset that is negative or beyond 2^53.',
      remedy: 'Look at the broker: its answer is damaged.',
      retriable: 'no',
    },
    OCC_COMMIT_FAILED: {
      meaning: 'Offsets could not be committed.',
      remedy:
        'None, unless it lasts: then look at the brokers. What is finished is kept in memory.',
      retriable: 'yes',
    },
    OCC_COMMIT_FENCED: {
      meaning: 'The commit was refused, because the group has moved on to another generation.',
      remedy: 'None: the new owner handles these records again.',
      retriable: 'no',
    },
    OCC_FETCH: {
      meaning: 'A broker refused a fetch, or it failed for an unforeseen reason.',
      remedy: 'None, unless it lasts: then look at that broker.',
      retriable: 'yes',
    },
    OCC_BATCH_CORRUPT: {
      meaning: 'A batch is damaged: its checksum, its form or its compressed data is wrong.',
      remedy: 'See whether another replica has a whole one; or set `deadLetters.corruptBatches`.',
      retriable: 'no',
    },
    OCC_BATCH_TOO_LARGE: {
      meaning: 'A batch is larger than `kafka.fetch.maxBatchBytes` once it is unpacked.',
      remedy: 'Raise it, and the memory with it, or have the producer send smaller ones.',
      retriable: 'no',
    },
    OCC_BATCH_CODEC: {
      meaning: 'A batch is compressed in a way that is not known.',
      remedy: 'Update this service where Kafka has a new codec; else the batch is damaged.',
      retriable: 'no',
    },
    OCC_BATCH_FORMAT: {
      meaning: 'A batch is not of message format v2: written by something older than Kafka 0.11.',
      remedy: 'Let retention delete it, or copy the topic and consume the copy.',
      retriable: 'no',
    },
    OCC_BATCH_GAP: {
      meaning: 'A batch did not follow the one before it. It is refused, and nothing is left out.',
      remedy: 'Restart the process, and report it: this is a fault of the consumer.',
      retriable: 'no',
    },
    OCC_SNAPPY_CORRUPT: {
      meaning: 'Data compressed with snappy is damaged; told within `OCC_BATCH_CORRUPT`.',
      remedy: 'As for `OCC_BATCH_CORRUPT`.',
      retriable: 'no',
    },
    OCC_SNAPPY_TRUNCATED: {
      meaning: 'Data compressed with snappy is cut off; told within `OCC_BATCH_CORRUPT`.',
      remedy: 'As for `OCC_BATCH_CORRUPT`.',
      retriable: 'no',
    },
    OCC_SNAPPY_TOO_LARGE: {
      meaning: 'Data compressed with snappy exceeds the limit; told as `OCC_BATCH_TOO_LARGE`.',
      remedy: 'As for `OCC_BATCH_TOO_LARGE`.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
