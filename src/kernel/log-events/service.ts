import type { EventChapter } from './chapter.ts'

export const service = {
  title: 'The service',
  events: {
    'service.starting': {
      level: 'info',
      meaning:
        'The first line: version, configuration file, brokers, topics and group, before handlers are opened and brokers asked.',
    },
    'service.started': {
      level: 'info',
      meaning: 'All parts have started, and the members join the group.',
    },
    'service.signalled': {
      level: 'info',
      meaning:
        'SIGTERM or SIGINT was received: the drain starts; a second signal ends the process at once.',
    },
    'service.draining': {
      level: 'info',
      meaning: 'No new record is started; what is in flight may finish and is committed.',
    },
    'service.progress': {
      level: 'info',
      meaning:
        'Every 30 s while there is something to do: rate, lag and totals of this process. An idle stream makes no lines.',
    },
    'service.caught-up': {
      level: 'info',
      meaning:
        'All partitions of this process have reached the end of their topics: for the first time, or after 30 s behind it.',
    },
    'service.stopped': {
      level: 'info',
      meaning: 'The drain is over, and everything is closed; with the totals of this process.',
    },
    'service.failing': {
      level: 'warn',
      meaning: 'A fatal error: the drain starts, and then the process ends.',
    },
    'service.failed': {
      level: 'fatal',
      meaning: 'The last line of a process that exits with code 1: the reason.',
    },
    'service.undo-failed': {
      level: 'error',
      meaning: 'A step of the shutdown failed; the other steps still run.',
    },
    'config.warned': {
      level: 'warn',
      meaning: 'The configuration is valid, but something in it looks wrong.',
    },
    'config.changed': {
      level: ['info', 'warn'],
      meaning:
        'The file has changed: lists what is in effect now and, as a warning, what waits for a restart.',
    },
    'config.invalid': {
      level: 'error',
      meaning: 'The changed file is not valid: the previous settings stay in effect.',
    },
    'certificate.renewed': {
      level: 'info',
      meaning: 'A certificate file holds a new certificate.',
    },
    'certificate.expiring': {
      level: 'warn',
      meaning: 'A certificate expires soon; written once a day.',
    },
    'certificate.expired': {
      level: ['warn', 'error'],
      meaning: 'A certificate has expired; only a warning for a CA next to a valid one.',
    },
    'http.listening': { level: 'info', meaning: 'The HTTP server listens on its port.' },
    'http.answered': { level: 'debug', meaning: 'A request was answered.' },
    'http.failed': {
      level: 'error',
      meaning: 'A request was answered with 500, because of a bug of the service.',
    },
    'admin.paused': {
      level: 'warn',
      meaning:
        'An operator has paused something for the group: who (the token), from which address, what, and the pauses before and after.',
    },
    'admin.resumed': {
      level: 'warn',
      meaning: 'An operator has resumed something for the group; the fields of `admin.paused`.',
    },
    'admin.pauses-changed': {
      level: 'info',
      meaning:
        'What is paused in this process is different now: here or in another pod an operator paused or resumed something, or a pause ended.',
    },
    'admin.pauses-unread': {
      level: 'warn',
      meaning:
        'What operators have paused cannot be read from the brokers. What was known stays; a process that has just started consumes nothing, unless the right to read it is missing.',
    },
    'admin.offsets-set': {
      level: 'warn',
      meaning:
        'An operator has set offsets: who (the token), from which address, and each partition before and after.',
    },
    'admin.tapped': {
      level: 'info',
      meaning:
        'Somebody looks at records through the tap: who (the token), from which address, and the topic and the handler, if they are chosen.',
    },
    'admin.letters-begun': {
      level: 'warn',
      meaning:
        'An operator has begun to redrive or to drop dead letters: who (the token), from which address, which, and how many.',
    },
    'admin.letters-cancelled': {
      level: 'warn',
      meaning: 'An operator has cancelled that in this pod.',
    },
    'admin.letters-ended': {
      level: ['info', 'warn'],
      meaning:
        'A redrive or drop by an operator has ended: its `state`, how many letters were done of those wanted, and why some stay.',
    },
    'admin.peer-failed': {
      level: 'warn',
      meaning: 'Another pod of this release could not be asked to set offsets of its partitions.',
    },
    'admin.denied': {
      level: 'warn',
      meaning: 'An admin request came without the right token. At most 10 lines a minute.',
    },
    'admin.token-unusable': {
      level: 'error',
      meaning: 'A token file is unusable: requests with its token are refused.',
    },
    'log.dropped': {
      level: 'warn',
      meaning: 'Log lines could not be written; reported when writing works again.',
    },
    'tracing.on': {
      level: 'info',
      meaning: 'An OpenTelemetry SDK is registered, and calls of handlers are traced.',
    },
    'tracing.too-old': {
      level: 'warn',
      meaning: 'An OpenTelemetry SDK is registered whose API is too old: nothing is traced.',
    },
    'tracing.failed': {
      level: 'warn',
      meaning:
        'The OpenTelemetry SDK has thrown while a span began or ended; the span is missing, nothing else.',
    },
    'tracing.not-flushed': {
      level: 'warn',
      meaning: 'The last spans could not be sent before the end.',
    },
    'service.uncaught': {
      level: 'error',
      meaning:
        'An uncaught error that no handler caused: a rejection is only logged, an exception ends the process after a drain.',
    },
  },
} as const satisfies EventChapter
