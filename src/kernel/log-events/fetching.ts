import type { EventChapter } from './chapter.ts'

export const fetching = {
  title: 'Fetching from the brokers',
  events: {
    'partition.waiting': {
      level: 'warn',
      meaning: 'A partition cannot be fetched, for the `reason`; the others go on.',
    },
    'partition.recovered': { level: 'info', meaning: 'A partition that waited is fetched again.' },
    'partition.end-reached': {
      level: 'debug',
      meaning: 'All that a partition holds has been fetched.',
    },
    'batch.corrupt': {
      level: 'error',
      meaning: 'A batch cannot be read: its partition waits, or it is kept as a dead letter.',
    },
    'batch.refetch-failed': {
      level: 'debug',
      meaning: 'A batch that cannot be read was asked for again, without an answer.',
    },
    'batch.refused': {
      level: 'error',
      meaning: 'A batch did not follow the one before it; nothing is left out.',
    },
    'batch.gone': {
      level: 'error',
      meaning: 'A batch cannot be read nor fetched again, as its topic was made anew.',
    },
    'records.lost': {
      level: 'error',
      meaning: 'Retention deleted the offsets `from` to `to` before they were read.',
    },
    'records.cut': {
      level: 'error',
      meaning: 'The log of a partition was cut off; reading goes on at its new end, `to`.',
    },
    'offsets.reset': {
      level: 'error',
      meaning: 'A topic was made anew, or ends below the position: reads from its first record.',
    },
    'metadata.failed': {
      level: 'debug',
      meaning: 'The brokers could not be asked for the metadata; it is tried again.',
    },
    'link.closed': { level: 'debug', meaning: 'A connection to a broker is over.' },
    'kafkajs.logged': {
      level: 'debug',
      meaning: 'A line of the log of kafkajs, which connects, writes and administers.',
    },
    'batch.saved': {
      level: 'error',
      meaning: 'A batch that is damaged at its leader was read from a follower in sync.',
    },
  },
} as const satisfies EventChapter
