import type { ErrorChapter } from './chapter.ts'

export const handlers = {
  title: 'Handlers and worker threads',
  introduction:
    'Handlers may throw an `OccError` with their own code, `OCC_...`: it is kept unchanged and not listed here. [How each error is treated](handlers.md).',
  codes: {
    OCC_HANDLER_TRANSACTION: {
      meaning:
        'A handler calls `context.transaction` without `offsets.store: postgres`, or in a worker thread. Its records wait.',
      remedy:
        'Set it ([how](postgres.md#exactly-once)), or write with a client of your own; with `processing.workers`, emit rows, or give the handler `group: own`.',
      retriable: 'yes',
    },
    OCC_HANDLER_LOAD: {
      meaning: 'Handler modules cannot be loaded, or do not export a handler.',
      remedy: 'Follow the message for each of them.',
      retriable: 'no',
    },
    OCC_HANDLER_OPEN: {
      meaning: '`open()` of a handler failed, so the service does not start.',
      remedy: 'See the message: it is the error of the handler.',
      retriable: 'no',
    },
    OCC_HANDLER_KEY: {
      meaning: 'Two handlers of a topic have a `key()`, but a topic has only one order.',
      remedy: 'Remove `key()` from one of them, or give them other topics.',
      retriable: 'no',
    },
    OCC_HANDLER_UNKNOWN: {
      meaning: 'The header `occ-handler` of a record names a handler that the topic does not have.',
      remedy:
        'The letter is for the missing handler alone: configure it and redrive, or drop the letter.',
      retriable: 'no',
    },
    OCC_HANDLER: {
      meaning: 'A handler threw an error; the message contains its text.',
      remedy: 'Fix the handler, or what it depends on; then redrive the dead letters.',
      retriable: 'depends',
    },
    OCC_HANDLER_DEAD: {
      meaning: 'A handler gave up a record with `context.dead`; the message is its reason.',
      remedy: 'See the reason.',
      retriable: 'no',
    },
    OCC_HANDLER_RETRY: {
      meaning: 'A handler requested a retry with `context.retry`.',
      remedy: 'None; after the last attempt, see the reason.',
      retriable: 'yes',
    },
    OCC_HANDLER_TIMEOUT: {
      meaning: 'A handler took longer than its `timeout`.',
      remedy: 'Find out what it waits for, or raise `handlers[].timeout`.',
      retriable: 'yes',
    },
    OCC_HANDLER_ABORTED: {
      meaning: 'The partition moved, or the process ended, before the handler answered.',
      remedy: 'None: the next owner of the partition handles the record.',
      retriable: 'yes',
    },
    OCC_HANDLER_ANSWER: {
      meaning: 'A handler returned something that is not an outcome.',
      remedy: 'Return nothing, or the result of `context.skip`, `dead`, `retry` or `later`.',
      retriable: 'no',
    },
    OCC_HANDLER_LATER: {
      meaning:
        'A handler called `context.later` without a place for parked records, or with no time.',
      remedy: 'Set `parked.store: postgres`; give milliseconds, at most 30 days.',
      retriable: 'depends',
    },
    OCC_PARKED_FENCED: {
      meaning:
        'Another process has taken a parked record over, because this one held it for longer than `parked.lease`; nothing of this attempt was written.',
      remedy: 'None: the other one handles it. If it lasts, raise `parked.lease`.',
      retriable: 'yes',
    },
    OCC_PARKED_FULL: {
      meaning:
        'The group has `parked.maxRecords` parked records; partitions with another one wait.',
      remedy: 'Find out why they are parked (`dlq list --parked`), or raise `parked.maxRecords`.',
      retriable: 'yes',
    },
    OCC_PARKED_DROPPED: {
      meaning: 'An operator has dropped a parked record (`dlq drop --parked`).',
      remedy: 'Delete the letter (`dlq drop`), or have the record handled (`dlq redrive`).',
      retriable: 'no',
    },
    OCC_NO_ANSWER: {
      meaning: 'A record of a batch got no outcome: a bug of the service. It is retried.',
      remedy: 'Report it.',
      retriable: 'no',
    },
    OCC_PIPELINE: {
      meaning: 'A record cannot be handled for an unexpected reason outside the handler.',
      remedy: 'Report it, with the dead letter.',
      retriable: 'no',
    },
    OCC_WORKER_DIED: {
      meaning: 'A worker thread ended; the one record that it was handling failed an attempt.',
      remedy:
        'Catch the errors in the handler; if memory ran out, raise `processing.workerMemory`.',
      retriable: 'yes',
    },
    OCC_WORKER_HUNG: {
      meaning: 'A worker thread made no progress for too long, and is replaced.',
      remedy: 'Make the handler stop at `context.signal`, or raise `handlers[].timeout`.',
      retriable: 'yes',
    },
    OCC_WORKER_ABORTED: {
      meaning: 'The partition moved, or the process ended, before a worker answered.',
      remedy: 'None: the next owner of the partition handles the record.',
      retriable: 'yes',
    },
    OCC_WORKER: {
      meaning: 'A worker thread reported an error that has no `OCC_` code.',
      remedy: 'See the message, which starts with the code or the class of the error.',
      retriable: 'depends',
    },
    OCC_ATTEMPT: {
      meaning:
        'An attempt at a record threw instead of returning an outcome; it is a failed attempt.',
      remedy: 'See the message, and report it: this is a bug of the service.',
      retriable: 'yes',
    },
    OCC_WORKER_TASK: {
      meaning:
        'A record could not be sent to a worker thread, or its answer could not be returned; it is retried alone.',
      remedy: 'See the message: it names what could not be transferred.',
      retriable: 'yes',
    },
    OCC_HANDLER_STRAY: {
      meaning:
        'An error outside the promise of a call left the call without an answer: the attempt failed.',
      remedy: 'Await or return every promise, and listen for `error` events (docs/handlers.md).',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
