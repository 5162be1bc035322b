import type { EventChapter } from './chapter.ts'

export const sinks = {
  title: 'Sinks and dead letters',
  events: {
    'value.emitted': {
      level: 'info',
      meaning: 'A value that a handler emitted to a sink of type log.',
    },
    'sink.unfit': {
      level: 'error',
      meaning: 'At the start: a sink could not be written to now. The service starts all the same.',
    },
    'dead-letters.unfit': {
      level: 'error',
      meaning: 'At the start: dead letters could not be kept now. The service starts all the same.',
    },
    'dead-letters.warned': {
      level: 'warn',
      meaning:
        'The topic for dead letters has a retention, which deletes letters that wait for long.',
    },
    'dead-letters.unreadable': {
      level: 'warn',
      meaning: 'A file of dead letters holds something else, which is left out.',
    },
    'postgres.connection-lost': {
      level: 'debug',
      meaning: 'A connection to PostgreSQL ended while it was idle; the next write opens another.',
    },
    'dead-letters.fallback': {
      level: 'warn',
      meaning:
        'The target did not take a dead letter because of what it is; `deadLetters.fallback` did.',
    },
  },
} as const satisfies EventChapter
