import type { ErrorChapter } from './chapter.ts'

export const handlers = {
  title: 'Handlers and worker threads',
  introduction:
    'Handlers may throw an `OccError` with a code of their own, `OCC_...`: it is in no table, and is kept as it is. [What becomes of each error](handlers.md).',
  codes: {
    OCC_HANDLER_LOAD: {
      meaning: 'Modules of handlers cannot be loaded, or do not export a handler.',
      remedy: 'Do what the message says for each of them.',
      retriable: 'no',
    },
    OCC_HANDLER_OPEN: {
      meaning: '`open()` of a handler failed; the service does not start without it.',
      remedy: 'See the message: it is what the handler threw.',
      retriable: 'no',
    },
    OCC_HANDLER_KEY: {
      meaning: 'Two handlers of a topic have a `key()`: a topic has one order.',
      remedy: 'Remove `key()` from one of them, or give them other topics.',
      retriable: 'no',
    },
    OCC_HANDLER_UNKNOWN: {
      meaning: 'The header `occ-handler` of a record names a handler that the topic has not.',
      remedy: 'Send the record to all handlers, or configure that one.',
      retriable: 'no',
    },
    OCC_HANDLER: {
      meaning: 'A handler threw an error; the message has its text.',
      remedy: 'Mend the handler, or what it needs; then redrive the dead letters.',
      retriable: 'depends',
    },
    OCC_HANDLER_DEAD: {
      meaning: 'A handler gave a record up by `context.dead`; the message is its reason.',
      remedy: 'As the reason says.',
      retriable: 'no',
    },
    OCC_HANDLER_RETRY: {
      meaning: 'A handler asked for another attempt by `context.retry`.',
      remedy: 'None; when the attempts are over, as the reason says.',
      retriable: 'yes',
    },
    OCC_HANDLER_TIMEOUT: {
      meaning: 'A handler took longer than its `timeout`.',
      remedy: 'Find out what it waits for, or raise `handlers[].timeout`.',
      retriable: 'yes',
    },
    OCC_HANDLER_ABORTED: {
      meaning: 'The partition has moved, or the process ends, before the handler had answered.',
      remedy: 'None: whoever owns the partition next handles the record.',
      retriable: 'yes',
    },
    OCC_HANDLER_ANSWER: {
      meaning: 'A handler returned something that is no outcome.',
      remedy: 'Return nothing, or what `context.skip`, `dead` or `retry` make.',
      retriable: 'no',
    },
    OCC_NO_ANSWER: {
      meaning: 'A record of a batch got no outcome: a fault of the pipeline. It is tried again.',
      remedy: 'Report it.',
      retriable: 'no',
    },
    OCC_PIPELINE: {
      meaning: 'A record cannot be handled for an unforeseen reason that is not the handler.',
      remedy: 'Report it, with the dead letter.',
      retriable: 'no',
    },
    OCC_WORKER_DIED: {
      meaning: 'A worker thread ended; the one record that it had in hand failed an attempt.',
      remedy:
        'Let the handler catch its errors; if memory ran out, raise `processing.workerMemory`.',
      retriable: 'yes',
    },
    OCC_WORKER_HUNG: {
      meaning: 'A worker thread made no progress for long, and is replaced.',
      remedy: 'Let the handler end and heed `context.signal`, or raise `handlers[].timeout`.',
      retriable: 'yes',
    },
    OCC_WORKER_ABORTED: {
      meaning: 'The partition has moved, or the process ends, before a worker had answered.',
      remedy: 'None: whoever owns the partition next handles the record.',
      retriable: 'yes',
    },
    OCC_WORKER: {
      meaning: 'A worker thread reports an error that has no code of ours.',
      remedy: 'See the message, which begins with the code or the class of the error.',
      retriable: 'depends',
    },
    OCC_ATTEMPT: {
      meaning:
        'An attempt at a record threw where an outcome was due; it counts as a failed attempt.',
      remedy: 'See the message, and report it: it is a fault of the service.',
      retriable: 'yes',
    },
    OCC_WORKER_TASK: {
      meaning:
        'A record could not be handed to a worker thread, or its answer could not be returned; it is retried alone.',
      remedy: 'See the message: it names what could not be transferred.',
      retriable: 'yes',
    },
    OCC_HANDLER_STRAY: {
      meaning:
        'An error outside of the promise of a call lost the answer of the call: it has failed this attempt.',
      remedy: 'Await or return every promise, and listen to `error` events (docs/handlers.md).',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
