import type { ErrorChapter } from './chapter.ts'

export const settings = {
  title: 'Configuration',
  introduction: 'Errors in the settings, or in a file that they name.',
  codes: {
    OCC_CONFIG: {
      meaning: 'The configuration is not valid; the message lists every mistake.',
      remedy: 'Correct each one; `onchain-consumer check` lists them without starting anything.',
      retriable: 'no',
    },
    OCC_FILE_UNREADABLE: {
      meaning: 'A certificate, key or password file cannot be read when a connection is made.',
      remedy: 'Mount it at the path of the key, readable for the user of the process.',
      retriable: 'yes',
    },
    OCC_SECRET_UNREADABLE: {
      meaning: 'A secret file cannot be read.',
      remedy: 'Mount it at the path of the key, readable for the user of the process.',
      retriable: 'no',
    },
    OCC_SECRET_EMPTY: {
      meaning: 'A secret file is empty.',
      remedy: 'Write the secret into it.',
      retriable: 'no',
    },
    OCC_ADMIN_TOKEN: {
      meaning:
        'A file of tokens does not hold one of 16 to 512 printable characters, or a name or token twice.',
      remedy: 'Write a token into it (`openssl rand -hex 32`), or lines `name: token`.',
      retriable: 'no',
    },
    OCC_PROTOBUF_SCHEMA: {
      meaning:
        'The schema of a Protocol Buffers topic is missing, incomplete, or contradicts what its events need.',
      remedy: 'Mount the `.proto` files in the folder of `decode.protobuf.schemas`.',
      retriable: 'no',
    },
    OCC_AVRO_SCHEMA: {
      meaning: 'The Avro schema of a topic is missing, unreadable or invalid.',
      remedy:
        'Name its file as `schema` of the rule under `decode.topics`, or set `decode.registry.url`.',
      retriable: 'no',
    },
    OCC_FILTER: {
      meaning: 'A filter has a rule that does not exist, or an amount that is not a number.',
      remedy: 'Correct the rule under `filter` or `handlers[].filter`, or in the handler.',
      retriable: 'no',
    },
    OCC_ADDRESS_LIST: {
      meaning: 'An address list cannot be read, or is empty.',
      remedy: 'Mount the file of `addressesFile`, with one address a line.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
