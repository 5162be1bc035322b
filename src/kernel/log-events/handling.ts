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
      meaning: 'A call exceeded its timeout and ignores its signal: its record waits.',
    },
    'handler.recovered': { level: 'warn', meaning: 'A hanging call has ended.' },
    'circuit.opened': {
      level: 'error',
      meaning: 'A handler failed many records in a row: it gets only probes.',
    },
    'circuit.closed': { level: 'info', meaning: 'A handler whose circuit was open works again.' },
    'record.failed': {
      level: 'error',
      meaning: 'A record was given up and becomes a dead letter.',
    },
    'record.not-kept': {
      level: 'error',
      meaning: 'A dead letter could not be written: its partition waits, and the write is retried.',
    },
    'record.parked': {
      level: 'info',
      meaning: 'A record is parked, and is handled again when it is due.',
    },
    'record.not-parked': {
      level: 'error',
      meaning:
        'A record could not be parked, or not be put back: its partition waits, and the write is retried.',
    },
    'parked.not-read': {
      level: 'error',
      meaning: 'Parked records cannot be read or written back: those that are due wait.',
    },
    'record.stuck': {
      level: 'error',
      meaning:
        'A record has been in flight for too long; records that must not overtake it wait. `handlers` have it.',
    },
    'record.logged': {
      level: 'info',
      meaning:
        'A handled record; `sink.log` in the configuration selects every record or every n-th.',
    },
    'addresses.reloaded': {
      level: 'info',
      meaning: 'A changed address list is in effect.',
    },
    'addresses.not-reloaded': {
      level: 'error',
      meaning: 'A changed address list is unusable: the previous one stays in effect.',
    },
    'registry.away': {
      level: 'error',
      meaning:
        'The schema registry does not answer or refuses the credentials, and partitions wait for it; once a minute.',
    },
    'registry.back': { level: 'info', meaning: 'The schema registry answers again.' },
    'blocks.known': {
      level: 'info',
      meaning:
        'With `decode.protobuf.reorgs`: the records below the offsets that partitions begin at were read again, for their blocks.',
    },
    'blocks.unknown': {
      level: 'warn',
      meaning:
        'The records below the offsets that partitions begin at are deleted or could not be read: a fork from one of their blocks is not noticed.',
    },
    'worker.ready': { level: 'info', meaning: 'A worker thread has opened its handlers.' },
    'worker.died': {
      level: 'error',
      meaning: 'A worker thread ended unexpectedly, and is replaced.',
    },
    'worker.hung': {
      level: 'error',
      meaning: 'A worker thread made no progress for too long, and is replaced.',
    },
    'worker.not-configured': {
      level: 'error',
      meaning: 'A worker thread could not apply a changed configuration.',
    },
    'workers.changed': {
      level: 'info',
      meaning: 'With `processing.workers: auto`: the number of worker threads changed.',
    },
    'retry.cut': {
      level: 'warn',
      meaning:
        'A handler requested a longer pause than `retry.maxAfter`; once a minute per partition.',
    },
    'record.waits': {
      level: 'warn',
      meaning:
        'A record has been tried for a minute and more with an error that only means later, such as a sink that is down: no attempt counts, and it waits until one succeeds; once a minute per partition.',
    },
    'retry.holds': {
      level: 'warn',
      meaning:
        'With order `partition`, records wait behind retries for a tenth of the time or more; at most every ten minutes.',
    },
    'worker.not-started': {
      level: 'error',
      meaning: 'A worker thread could not be started; this is retried.',
    },
    'handler.stray-error': {
      level: 'error',
      meaning: 'An error outside the promise of a handler; the answer of its call is still valid.',
    },
    'circuit.still-open': {
      level: 'warn',
      meaning: 'A circuit has been open for a minute or more; once a minute.',
    },
  },
} as const satisfies EventChapter
