import type { EventChapter } from './chapter.ts'

export const handling = {
  title: 'Handlers and worker threads',
  events: {
    'handler.opened': {
      level: 'info',
      meaning: 'A handler is open, and gets messages from now on.',
    },
    'handler.not-closed': { level: 'error', meaning: '`close()` of a handler failed.' },
    'handler.hanging': {
      level: 'error',
      meaning: 'A call took longer than its timeout and ignores its signal: its record waits.',
    },
    'handler.recovered': { level: 'warn', meaning: 'A call that was hanging has ended after all.' },
    'circuit.opened': {
      level: 'error',
      meaning: 'A handler failed many records in a row: it gets only a probe now and then.',
    },
    'circuit.closed': { level: 'info', meaning: 'A handler whose circuit was open works again.' },
    'record.failed': { level: 'error', meaning: 'A record is given up and becomes a dead letter.' },
    'record.not-kept': {
      level: 'error',
      meaning: 'A dead letter could not be written: its partition waits, and it is tried again.',
    },
    'record.stuck': {
      level: 'error',
      meaning: 'A record has been in flight for long; what must not overtake it waits.',
    },
    'record.logged': {
      level: 'info',
      meaning: 'A record, or each n-th of them, as `sink.log` of the configuration wants it.',
    },
    'addresses.reloaded': {
      level: 'info',
      meaning: 'A list of addresses has changed, and counts.',
    },
    'addresses.not-reloaded': {
      level: 'error',
      meaning: 'A list of addresses has changed and cannot be used: the old one stays.',
    },
    'worker.ready': { level: 'info', meaning: 'A worker thread has opened its handlers.' },
    'worker.died': {
      level: 'error',
      meaning: 'A worker thread ended by itself, and is replaced.',
    },
    'worker.hung': {
      level: 'error',
      meaning: 'A worker thread made no progress for long, and is replaced.',
    },
    'worker.not-configured': {
      level: 'error',
      meaning: 'A worker thread could not take a changed configuration over.',
    },
    'workers.changed': {
      level: 'info',
      meaning: 'With `processing.workers: auto`: records are handled by more or fewer threads.',
    },
    'retry.cut': {
      level: 'warn',
      meaning:
        'A handler asked for a longer pause than `retry.maxAfter`; once a minute for a partition.',
    },
    'worker.not-started': {
      level: 'error',
      meaning: 'A worker thread could not be started; it is tried again.',
    },
    'handler.stray-error': {
      level: 'error',
      meaning: 'An error outside of the promise of a handler; the answer of its call stands.',
    },
    'circuit.still-open': {
      level: 'warn',
      meaning: 'A circuit is open for a minute or more; once a minute.',
    },
  },
} as const satisfies EventChapter
