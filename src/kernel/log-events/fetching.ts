import type { EventChapter } from './chapter.ts'

export const fetching = {
  title: 'Fetching from the brokers',
  events: {
    'partition.waiting': {
      level: 'warn',
      meaning: 'A partition cannot be fetched, because of `reason`; other partitions continue.',
    },
    'partition.recovered': { level: 'info', meaning: 'A partition that waited is fetched again.' },
    'partition.end-reached': {
      level: 'debug',
      meaning: 'All records of a partition have been fetched.',
    },
    'batch.corrupt': {
      level: 'error',
      meaning: 'A batch cannot be read: its partition waits, or it is kept as a dead letter.',
    },
    'batch.refetch-failed': {
      level: 'debug',
      meaning: 'An unreadable batch was requested again, without an answer.',
    },
    'batch.refused': {
      level: 'error',
      meaning: 'A batch did not follow the previous one, and was refused; no record is skipped.',
    },
    'batch.gone': {
      level: 'error',
      meaning: 'A batch can neither be read nor fetched again, because its topic was recreated.',
    },
    'records.lost': {
      level: 'error',
      meaning: 'Retention deleted the offsets `from` to `to` before they were read.',
    },
    'records.cut': {
      level: 'error',
      meaning:
        'The log of a partition was truncated at `to`, below what had been read or finished; it is read from there on.',
    },
    'offsets.reset': {
      level: 'error',
      meaning:
        'A topic was recreated, or ends below the position: it is read from its first record.',
    },
    'metadata.failed': {
      level: 'debug',
      meaning: 'The metadata could not be read; this is retried.',
    },
    'link.closed': { level: 'debug', meaning: 'A connection to a broker was closed.' },
    'kafkajs.logged': {
      level: 'debug',
      meaning: 'A log line of kafkajs, which is used to connect, write and administer.',
    },
    'batch.saved': {
      level: 'error',
      meaning: 'A batch that is damaged at its leader was read from an in-sync follower.',
    },
  },
} as const satisfies EventChapter
