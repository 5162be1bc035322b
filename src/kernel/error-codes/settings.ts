import type { ErrorChapter } from './chapter.ts'

export const settings = {
  title: 'Configuration',
  introduction: 'What is wrong with the settings, or with a file that they name.',
  codes: {
    OCC_CONFIG: {
      meaning: 'The configuration is not valid; the message lists every mistake.',
      remedy: 'Correct each one; `onchain-consumer check` tells them without starting anything.',
      retriable: 'no',
    },
    OCC_FILE_UNREADABLE: {
      meaning: 'A certificate, key or password file cannot be read when a connection is made.',
      remedy: 'Mount it where the key says, readable for the user of the process.',
      retriable: 'yes',
    },
    OCC_SECRET_UNREADABLE: {
      meaning: 'The file of a secret cannot be read.',
      remedy: 'Mount it where the key says, readable for the user of the process.',
      retriable: 'no',
    },
    OCC_SECRET_EMPTY: {
      meaning: 'The file of a secret is empty.',
      remedy: 'Write the secret into it.',
      retriable: 'no',
    },
    OCC_ADMIN_TOKEN: {
      meaning: 'The file of `admin.tokenFile` holds no token of 16 to 512 printable characters.',
      remedy: 'Write one into it: `openssl rand -hex 32`.',
      retriable: 'no',
    },
    OCC_FILTER: {
      meaning: 'A filter has a rule that does not exist, or an amount that is not a number.',
      remedy: 'Correct the rule under `filter` or `handlers[].filter`, or in the handler.',
      retriable: 'no',
    },
    OCC_ADDRESS_LIST: {
      meaning: 'A list of addresses cannot be read, or holds no address.',
      remedy: 'Mount the file of `addressesFile`, with one address a line.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
