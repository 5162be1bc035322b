import type { ErrorChapter } from './chapter.ts'

export const offsets = {
  title: 'Offsets, fetching and batches',
  introduction:
    'A batch that cannot be read stops its own partition only ([what to do](operations.md#a-batch-cannot-be-read)).',
  codes: {
    OCC_NO_OFFSET: {
      meaning: 'The group has no committed offset, and `kafka.autoOffsetReset` is `none`.',
      remedy: 'Set it to `earliest` or `latest`, or commit an offset first.',
      retriable: 'no',
    },
    OCC_OFFSET_UNKNOWN: {
      meaning: 'The broker did not return the start or end offset of a partition.',
      remedy: 'None. If it lasts, check the leader of the partition.',
      retriable: 'yes',
    },
    OCC_OFFSETS: {
      meaning: 'The start offsets could not be found for an unexpected reason; this is retried.',
      remedy: 'See the message; report it if it happens again.',
      retriable: 'yes',
    },
    OCC_OFFSETS_CHOICE: {
      meaning: 'No partition is chosen whose offset could be set, or one that does not exist.',
      remedy: 'Name topics and partitions, or `--all-topics` and `--all-partitions`.',
      retriable: 'no',
    },
    OCC_OFFSETS_MOVED: {
      meaning:
        'Somebody has set an offset since the plan was made, so nothing of it was applied to that partition.',
      remedy: 'Look at the offsets as they are now, and make a new plan.',
      retriable: 'no',
    },
    OCC_OFFSETS_SKIP: {
      meaning: 'The plan passes by records that nobody has handled.',
      remedy: 'Choose a lower offset; or `--allow-skip`, if they are not wanted.',
      retriable: 'no',
    },
    OCC_OFFSETS_FILE: {
      meaning: 'A plan file cannot be read or written; the message says why.',
      remedy: 'Write one with `offsets export`, or with `offsets plan --out FILE`.',
      retriable: 'no',
    },
    OCC_GROUP_ACTIVE: {
      meaning: 'The group has members, so only one of them can set its offsets.',
      remedy: 'Name a pod of the service with `--url`, or stop every member first.',
      retriable: 'no',
    },
    OCC_OFFSET_RANGE: {
      meaning: 'The broker returned an offset that is negative or above 2^53.',
      remedy: 'Check the broker: its answer is damaged.',
      retriable: 'no',
    },
    OCC_COMMIT_FAILED: {
      meaning: 'Offsets could not be committed.',
      remedy: 'None. If it lasts, check the brokers. The offsets stay in memory until then.',
      retriable: 'yes',
    },
    OCC_COMMIT_FENCED: {
      meaning: 'The commit was refused, because the group is in a newer generation.',
      remedy: 'None: the new owner handles these records again.',
      retriable: 'no',
    },
    OCC_OFFSETS_FENCED: {
      meaning:
        'With `offsets.store: postgres`: another process has claimed the partition, and nothing of the transaction was written.',
      remedy:
        'None: its owner handles the records. If it lasts, two services use the same group and table.',
      retriable: 'yes',
    },
    OCC_OFFSETS_STORE: {
      meaning: 'The table of `offsets.postgres` cannot be read or written; its partitions wait.',
      remedy: 'Fix what the message names. Nothing is lost meanwhile.',
      retriable: 'yes',
    },
    OCC_FETCH: {
      meaning: 'A broker refused a fetch, or it failed for an unexpected reason.',
      remedy: 'None. If it lasts, check that broker.',
      retriable: 'yes',
    },
    OCC_LOG_CUT: {
      meaning:
        'Records that were to be read are no longer in the log: an election without all replicas, or a broker that lost its disk, has cut it.',
      remedy:
        'Nothing brings them back. Name a range of what the log has now; the message has the offsets.',
      retriable: 'no',
    },
    OCC_BATCH_CORRUPT: {
      meaning: 'A batch is damaged: its checksum, its structure or its compressed data is wrong.',
      remedy:
        'Check whether another replica has it undamaged, or set `deadLetters.corruptBatches`.',
      retriable: 'no',
    },
    OCC_BATCH_TOO_LARGE: {
      meaning: 'A batch is larger than `kafka.fetch.maxBatchBytes` after decompression.',
      remedy: 'Raise it, and the memory limit with it, or have the producer send smaller batches.',
      retriable: 'no',
    },
    OCC_BATCH_CODEC: {
      meaning: 'A batch is compressed with an unknown codec.',
      remedy: 'Update this service if Kafka has a new codec; otherwise the batch is damaged.',
      retriable: 'no',
    },
    OCC_BATCH_FORMAT: {
      meaning:
        'A batch is not in message format v2: it was written by something older than Kafka 0.11.',
      remedy: 'Let retention delete it, or copy the topic and consume the copy.',
      retriable: 'no',
    },
    OCC_BATCH_GAP: {
      meaning: 'A batch did not follow the previous one. It is refused, and no record is skipped.',
      remedy: 'Restart the process, and report it: this is a bug of the service.',
      retriable: 'no',
    },
    OCC_SNAPPY_CORRUPT: {
      meaning: 'Data compressed with snappy is damaged; reported within `OCC_BATCH_CORRUPT`.',
      remedy: 'As for `OCC_BATCH_CORRUPT`.',
      retriable: 'no',
    },
    OCC_SNAPPY_TRUNCATED: {
      meaning: 'Data compressed with snappy is truncated; reported within `OCC_BATCH_CORRUPT`.',
      remedy: 'As for `OCC_BATCH_CORRUPT`.',
      retriable: 'no',
    },
    OCC_SNAPPY_TOO_LARGE: {
      meaning: 'Data compressed with snappy exceeds the limit; reported as `OCC_BATCH_TOO_LARGE`.',
      remedy: 'As for `OCC_BATCH_TOO_LARGE`.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
