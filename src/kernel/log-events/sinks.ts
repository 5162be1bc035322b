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
      meaning: 'At startup: a sink is not writable. The service starts anyway.',
    },
    'sink.fallback': {
      level: 'warn',
      meaning:
        'A sink refused a value, and its `fallback` took it. At most 10 lines a minute for the same sink; the next one says how many were left out.',
    },
    'webhook.gone': {
      level: 'error',
      meaning: 'The receiver of a webhook answered 410: nothing more is sent to this URL.',
    },
    'alert.waiting': {
      level: 'warn',
      meaning:
        'A digest, or an alert about the service, was not taken by its sink; it is tried again.',
    },
    'postgres.migrated': {
      level: 'info',
      meaning: 'The table of a sink was created or changed (`sinks.<name>.migrate`).',
    },
    'dead-letters.unfit': {
      level: 'error',
      meaning: 'At startup: dead letters cannot be kept. The service starts anyway.',
    },
    'dead-letters.warned': {
      level: 'warn',
      meaning: 'The dead-letter topic has a retention, which deletes old letters.',
    },
    'dead-letters.unlocked': {
      level: 'warn',
      meaning:
        'This user may not use the consumer group that locks a topic of dead letters while they are redriven or dropped. It goes on without the lock.',
    },
    'dead-letters.unreadable': {
      level: 'warn',
      meaning: 'A dead-letter file contains something else, which is ignored.',
    },
    'postgres.connection-lost': {
      level: 'debug',
      meaning: 'An idle connection to PostgreSQL ended; the next write opens another one.',
    },
    'dead-letters.fallback': {
      level: 'warn',
      meaning:
        'The target rejected a dead letter because of its content; `deadLetters.fallback` kept it. At most 10 lines a minute for the same reason; the next one says how many were left out.',
    },
  },
} as const satisfies EventChapter
