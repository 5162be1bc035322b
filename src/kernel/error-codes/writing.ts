import type { ErrorChapter } from './chapter.ts'

export const writing = {
  title: 'Sinks and writing to topics',
  introduction:
    'What handlers emit, and what is written to Kafka: emitted values, dead letters, redriven records.',
  codes: {
    OCC_EMIT: {
      meaning: 'A sink failed; the message has the reason. The record is tried again.',
      remedy: 'Mend what the reason names: the message that is handled is not to blame.',
      retriable: 'yes',
    },
    OCC_EMIT_SINK: {
      meaning: 'A handler emits to a sink that the configuration has not.',
      remedy: 'Add it under `sinks`, or correct the name in the handler.',
      retriable: 'yes',
    },
    OCC_EMIT_VALUE: {
      meaning: 'A handler emits a value that JSON cannot express.',
      remedy: 'Emit JSON, text or bytes.',
      retriable: 'no',
    },
    OCC_EMIT_FILE: {
      meaning: 'The file of a sink cannot be written.',
      remedy: 'Make room, or let the user of the process write there.',
      retriable: 'yes',
    },
    OCC_EMIT_TOO_LATE: {
      meaning: 'A handler emits after its call was over.',
      remedy: 'Await in the handler what it starts, and heed `context.signal`.',
      retriable: 'yes',
    },
    OCC_TOPIC_WRITE_NOT_AUTHORIZED: {
      meaning: 'The user may not write to the topic; many providers only let read.',
      remedy: 'Name another topic, or a cluster of your own.',
      retriable: 'yes',
    },
    OCC_RECORD_TOO_LARGE: {
      meaning: 'The record is larger than the topic takes.',
      remedy: 'Raise `max.message.bytes` of the topic.',
      retriable: 'yes',
    },
    OCC_TIMESTAMP_REFUSED: {
      meaning: 'The topic does not take the timestamp of the record.',
      remedy: 'See `message.timestamp.before.max.ms` of the topic.',
      retriable: 'yes',
    },
    OCC_NOT_ACKNOWLEDGED: {
      meaning: 'The brokers did not acknowledge what was written; a leader may be moving.',
      remedy: 'None, unless it lasts: then look at the brokers.',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
