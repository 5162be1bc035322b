import type { ErrorChapter } from './chapter.ts'

export const decoding = {
  title: 'Decoding',
  introduction:
    'The record becomes a dead letter at once; other records are not affected. `OCC_LZ4_...` of a whole batch is reported within `OCC_BATCH_CORRUPT`.',
  codes: {
    OCC_MESSAGE_TOO_LARGE: {
      meaning: 'The value, before or after decompression, is larger than `decode.maxMessageBytes`.',
      remedy: 'Raise it, and the memory limit with it.',
      retriable: 'no',
    },
    OCC_JSON_INVALID: {
      meaning: 'The value is not valid JSON; the message says where the error is.',
      remedy: 'Ask the producer, or set the format of the topic under `decode.topics`.',
      retriable: 'no',
    },
    OCC_TEXT_INVALID_UTF8: {
      meaning:
        'The value is not valid UTF-8; the message has the position of the first wrong byte.',
      remedy: 'Ask the producer, or set the format of the topic under `decode.topics`.',
      retriable: 'no',
    },
    OCC_PROTOBUF_INVALID: {
      meaning:
        'The value is not the Protocol Buffers message that the topic should hold: truncated, damaged, or another message.',
      remedy: 'Ask the producer, or correct the rule of the topic under `decode.topics`.',
      retriable: 'no',
    },
    OCC_AVRO_INVALID: {
      meaning:
        'The value is not what its Avro schema describes: truncated, damaged, written with another schema, or without the header of a schema registry.',
      remedy: 'Ask the producer, or correct the rule of the topic under `decode.topics`.',
      retriable: 'no',
    },
    OCC_SCHEMA_UNKNOWN: {
      meaning:
        'The schema registry has no schema of the id in the header of the value; it was asked twice.',
      remedy:
        'Ask the producer which registry it uses (`decode.registry.url`), register the schema there, then redrive.',
      retriable: 'no',
    },
    OCC_SCHEMA_UNUSABLE: {
      meaning:
        'The schema of the value, of the registry, cannot be used: it is invalid, or of another type than the format of the topic.',
      remedy: 'Correct the schema, or the format of the topic under `decode.topics`; then redrive.',
      retriable: 'no',
    },
    OCC_DECODE_FAILED: {
      meaning: 'Decoding failed for an unexpected reason.',
      remedy: 'Report it, with the dead letter: this is a bug of the decoder.',
      retriable: 'no',
    },
    OCC_LZ4_MAGIC: {
      meaning: 'The bytes do not start an LZ4 frame, or start one in the legacy format.',
      remedy: 'Have it sent as a modern LZ4 frame.',
      retriable: 'no',
    },
    OCC_LZ4_HEADER: {
      meaning: 'The header of an LZ4 frame has a value that the format does not allow.',
      remedy: 'Ask the producer: the data is damaged or not LZ4.',
      retriable: 'no',
    },
    OCC_LZ4_DICTIONARY: {
      meaning: 'An LZ4 frame needs a dictionary, which is not supported.',
      remedy: 'Have it sent without a dictionary.',
      retriable: 'no',
    },
    OCC_LZ4_BLOCK: {
      meaning: 'A block of an LZ4 frame is damaged.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_CHECKSUM: {
      meaning: 'A checksum of an LZ4 frame does not match its bytes.',
      remedy: 'Ask the producer: the data is damaged.',
      retriable: 'no',
    },
    OCC_LZ4_CONTENT_SIZE: {
      meaning: 'An LZ4 frame holds more or fewer bytes than its header says.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_TRUNCATED: {
      meaning: 'LZ4 data is truncated.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_TRAILING: {
      meaning: 'An LZ4 frame is followed by bytes that are not an LZ4 frame.',
      remedy: 'Ask the producer.',
      retriable: 'no',
    },
    OCC_LZ4_TOO_LARGE: {
      meaning: 'LZ4 data decompresses to more than the limit.',
      remedy: 'Raise `decode.maxMessageBytes`, and the memory limit with it.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
