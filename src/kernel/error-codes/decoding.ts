import type { ErrorChapter } from './chapter.ts'

export const decoding = {
  title: 'Decoding',
  introduction:
    'The record becomes a dead letter at once; the others flow on. `OCC_LZ4_...` of a whole batch is told within `OCC_BATCH_CORRUPT`.',
  codes: {
    OCC_MESSAGE_TOO_LARGE: {
      meaning: 'The value, as it came or unpacked, is larger than `decode.maxMessageBytes`.',
      remedy: 'Raise it, and the memory with it.',
      retriable: 'no',
    },
    OCC_JSON_INVALID: {
      meaning: 'The value is not JSON; the message says where it stops being so.',
      remedy: 'Ask the producer, or set the format of the topic under `decode.topics`.',
      retriable: 'no',
    },
    OCC_TEXT_INVALID_UTF8: {
      meaning: 'The value is not UTF-8; the message says from which byte on.',
      remedy: 'Ask the producer, or set the format of the topic under `decode.topics`.',
      retriable: 'no',
    },
    OCC_DECODE_FAILED: {
      meaning: 'Decoding failed for an unforeseen reason.',
      remedy: 'Report it, with the dead letter: this is a fault of the decoder.',
      retriable: 'no',
    },
    OCC_LZ4_MAGIC: {
      meaning: 'The bytes begin no LZ4 frame, or one of the legacy format.',
      remedy: 'Have it sent as a modern LZ4 frame.',
      retriable: 'no',
    },
    OCC_LZ4_HEADER: {
      meaning: 'The header of an LZ4 frame says something that the format does not allow.',
      remedy: 'Ask the producer: the data is damaged, or is not LZ4.',
      retriable: 'no',
    },
    OCC_LZ4_DICTIONARY: {
      meaning: 'An LZ4 frame needs a dictionary, and none can be given.',
      remedy: 'Have it sent without a dictionary.',
      retriable: 'no',
    },
    OCC_LZ4_BLOCK: {
      meaning: 'A block of an LZ4 frame is damaged.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_CHECKSUM: {
      meaning: 'A checksum of an LZ4 frame does not fit its bytes.',
      remedy: 'Ask the producer: the data is damaged.',
      retriable: 'no',
    },
    OCC_LZ4_CONTENT_SIZE: {
      meaning: 'An LZ4 frame holds more or less than it says.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_TRUNCATED: {
      meaning: 'LZ4 data is cut off.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_TRAILING: {
      meaning: 'Bytes that are no LZ4 frame follow one.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_TOO_LARGE: {
      meaning: 'LZ4 data decodes to more than is allowed.',
      remedy: 'Raise `decode.maxMessageBytes`, and the memory with it.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
