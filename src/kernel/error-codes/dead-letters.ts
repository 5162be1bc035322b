import type { ErrorChapter } from './chapter.ts'

export const deadLetters = {
  title: 'Dead letters',
  introduction:
    'While a letter cannot be kept its partition waits and it is tried again for ever: nothing is dropped ([what to do](operations.md#dead-letters-cannot-be-kept)).',
  codes: {
    OCC_DEAD_LETTERS_FULL: {
      meaning: 'The folder of `deadLetters.file` holds as much as `maxBytes` allows.',
      remedy: 'Redrive or drop letters (`onchain-consumer dlq`), or raise the limit.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_WRITE: {
      meaning: 'A letter cannot be written to the folder of `deadLetters.file`.',
      remedy: 'Make room, or let the user of the process write there.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_READ: {
      meaning: 'The folder of `deadLetters.file` cannot be read.',
      remedy: 'Let the user of the command read it.',
      retriable: 'no',
    },
    OCC_DEAD_LETTERS_LOCKED: {
      meaning: 'Another redrive or drop of the same letters is under way.',
      remedy: 'Wait for its end; delete the lock file only when its process is gone.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTER_TOPIC_MISSING: {
      meaning: 'The topic for dead letters does not exist.',
      remedy: 'Create it with `retention.ms=-1`, or set `deadLetters.kafka.createTopic`.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTER_TOPIC_COMPACTED: {
      meaning: 'The topic for dead letters is compacted: it would lose letters with the same key.',
      remedy: 'Set its `cleanup.policy` to `delete`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_URL: {
      meaning: 'The file of `urlFile` holds no URL of a PostgreSQL database.',
      remedy: 'Write `postgresql://user:password@host:5432/database`, percent-encoded.',
      retriable: 'no',
    },
    OCC_POSTGRES_LOGIN: {
      meaning: 'PostgreSQL refuses the user, the password or the database.',
      remedy: 'Check the three in the file of `urlFile`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_RIGHTS: {
      meaning: 'The user of PostgreSQL may not use the table.',
      remedy: 'Grant the rights on the table, or let its owner create it.',
      retriable: 'yes',
    },
    OCC_POSTGRES_TABLE: {
      meaning: 'The table does not exist.',
      remedy: 'Create it ([how](dead-letters.md)), or set `createTable`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_FULL: {
      meaning: 'The database has no disk or memory left.',
      remedy: 'Make room there.',
      retriable: 'yes',
    },
    OCC_POSTGRES_TIMEOUT: {
      meaning: 'A statement took longer than `statementTimeout`.',
      remedy: 'See why the database is slow, or raise it.',
      retriable: 'yes',
    },
    OCC_POSTGRES_TLS: {
      meaning: 'The encrypted connection to PostgreSQL failed.',
      remedy: "Name the server's CA in `caFile`, or set `sslmode` in the URL.",
      retriable: 'yes',
    },
    OCC_POSTGRES: {
      meaning: 'PostgreSQL cannot be reached, or reports an error without a code of its own here.',
      remedy: 'Check that it is up, and the host and port in the file of `urlFile`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_READ_ONLY: {
      meaning: 'The database takes no writes: it is a standby, or a failover is under way.',
      remedy:
        'Name the primary in the file of `deadLetters.postgres.urlFile`; a failover is waited for.',
      retriable: 'yes',
    },
    OCC_POSTGRES_VALUE: {
      meaning: 'The table cannot hold a value of this letter.',
      remedy: 'Compare the table with docs/dead-letters.md, or set `deadLetters.fallback: file`.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_LOCK_LOST: {
      meaning: 'A redrive lost the connection that kept other redrives away, and stopped.',
      remedy: 'Run the same command again.',
      retriable: 'yes',
    },
    OCC_TOPIC_CREATE_NOT_AUTHORIZED: {
      meaning: 'The user has no right to create the topic of the dead letters.',
      remedy: 'Grant Create on the topic or the cluster, or create the topic yourself.',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
