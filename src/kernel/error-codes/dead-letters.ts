import type { ErrorChapter } from './chapter.ts'

export const deadLetters = {
  title: 'Dead letters',
  introduction:
    'While a letter cannot be kept, its partition waits and the write is retried forever: nothing is dropped ([what to do](operations.md#dead-letters-cannot-be-kept)).',
  codes: {
    OCC_DEAD_LETTERS_FULL: {
      meaning: 'The folder of `deadLetters.file` has reached its `maxBytes`.',
      remedy: 'Redrive or drop letters (`onchain-consumer dlq`), or raise the limit.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_WRITE: {
      meaning: 'A letter cannot be written to the folder of `deadLetters.file`.',
      remedy: 'Free disk space, or let the user of the process write there.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_READ: {
      meaning: 'The folder of `deadLetters.file` cannot be read.',
      remedy: 'Let the user of the command read it.',
      retriable: 'no',
    },
    OCC_DEAD_LETTERS_LOCKED: {
      meaning: 'Another redrive or drop of the same letters is under way.',
      remedy:
        'Wait until it ends; delete the lock file only if its process is gone. The lock of a topic ends 10 s after its process.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_MANY: {
      meaning: 'There are more dead letters than a pod reads beside its work.',
      remedy: 'Use `onchain-consumer dlq`, a process of its own, which reads them all.',
      retriable: 'no',
    },
    OCC_DEAD_LETTER_TOPIC_MISSING: {
      meaning: 'The dead-letter topic does not exist.',
      remedy: 'Create it with `retention.ms=-1`, or set `deadLetters.kafka.createTopic`.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTER_TOPIC_COMPACTED: {
      meaning: 'The dead-letter topic is compacted: it would lose letters with the same key.',
      remedy: 'Set its `cleanup.policy` to `delete`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_URL: {
      meaning: 'The file of `urlFile` does not hold the URL of a PostgreSQL database.',
      remedy: 'Write `postgresql://user:password@host:5432/database`, percent-encoded.',
      retriable: 'no',
    },
    OCC_POSTGRES_LOGIN: {
      meaning: 'PostgreSQL refused the user, the password or the database.',
      remedy: 'Check all three in the file of `urlFile`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_RIGHTS: {
      meaning: 'The PostgreSQL user may not use the table.',
      remedy: 'Grant the rights on the table, or let its owner create it.',
      retriable: 'yes',
    },
    OCC_POSTGRES_TABLE: {
      meaning: 'The table does not exist, or lacks a column that a newer version added.',
      remedy:
        'Dead letters: create or alter it ([how](dead-letters.md)), or set `createTable`. A sink: `onchain-consumer migrate`, or create your own ([how](postgres.md)).',
      retriable: 'yes',
    },
    OCC_POSTGRES_COLUMNS: {
      meaning: 'The table lacks a column, has one of another type, or no unique index on the key.',
      remedy: 'Compare the table with the keys of the sink ([how](postgres.md)).',
      retriable: 'yes',
    },
    OCC_POSTGRES_DOUBT: {
      meaning:
        'The answer of PostgreSQL to a commit was lost, so nobody knows whether it was made.',
      remedy:
        'None: it is tried again. With `offsets.store: postgres` the table of offsets then says whether it was made.',
      retriable: 'yes',
    },
    OCC_POSTGRES_FULL: {
      meaning: 'The database is out of disk space or memory.',
      remedy: 'Free space there.',
      retriable: 'yes',
    },
    OCC_POSTGRES_CONFLICT: {
      meaning:
        'PostgreSQL broke a transaction off again and again: a deadlock, or it could not be serialized with others.',
      remedy:
        'See in the log of the server who locks the same rows in another order, or changes them all the time. It is tried again.',
      retriable: 'yes',
    },
    OCC_POSTGRES_TIMEOUT: {
      meaning: 'A statement took longer than `statementTimeout`.',
      remedy: 'Find out why the database is slow, or raise it.',
      retriable: 'yes',
    },
    OCC_POSTGRES_TLS: {
      meaning: 'The encrypted connection to PostgreSQL failed.',
      remedy: "Name the server's CA in `caFile`, or set `sslmode` in the URL.",
      retriable: 'yes',
    },
    OCC_POSTGRES: {
      meaning: 'PostgreSQL cannot be reached, or reports an error that has no other code here.',
      remedy: 'Check that it runs, and the host and port in the file of `urlFile`.',
      retriable: 'yes',
    },
    OCC_POSTGRES_READ_ONLY: {
      meaning: 'The database does not accept writes: it is a standby, or a failover is under way.',
      remedy:
        'Put the primary into the file of `deadLetters.postgres.urlFile`. A failover needs nothing: the service waits for it.',
      retriable: 'yes',
    },
    OCC_POSTGRES_VALUE: {
      meaning: 'The table cannot hold a value of this letter, or of a row.',
      remedy: 'Compare the table with docs/dead-letters.md, or set `deadLetters.fallback: file`.',
      retriable: 'yes',
    },
    OCC_DEAD_LETTERS_LOCK_LOST: {
      meaning: 'A redrive lost its lock, or the connection that holds it, and stopped.',
      remedy: 'Run the same command again.',
      retriable: 'yes',
    },
    OCC_TOPIC_CREATE_NOT_AUTHORIZED: {
      meaning: 'The user may not create the dead-letter topic.',
      remedy: 'Grant Create on the topic or the cluster, or create the topic yourself.',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
