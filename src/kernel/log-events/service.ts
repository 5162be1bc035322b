import type { EventChapter } from './chapter.ts'

export const service = {
  title: 'The service',
  events: {
    'service.started': {
      level: 'info',
      meaning: 'All rooms are started and the members join the group.',
    },
    'service.signalled': {
      level: 'info',
      meaning: 'SIGTERM or SIGINT came: the drain begins; a second one ends the process at once.',
    },
    'service.draining': {
      level: 'info',
      meaning: 'Nothing new is begun; what is in flight may finish and is committed.',
    },
    'service.stopped': { level: 'info', meaning: 'The drain is over, and all is closed.' },
    'service.failing': {
      level: 'warn',
      meaning: 'Something failed that ends the process: the drain begins.',
    },
    'service.failed': {
      level: 'fatal',
      meaning: 'The last line of a process that ends with exit code 1: the reason.',
    },
    'service.undo-failed': {
      level: 'error',
      meaning: 'A step of the shutdown failed; the others are done all the same.',
    },
    'config.warned': {
      level: 'warn',
      meaning: 'The configuration is valid, and something in it is dubious.',
    },
    'config.changed': {
      level: ['info', 'warn'],
      meaning: 'The file has changed: what counts now and, as a warning, what waits for a restart.',
    },
    'config.invalid': {
      level: 'error',
      meaning: 'The file has changed and is not valid: the settings before it stay.',
    },
    'certificate.renewed': { level: 'info', meaning: 'A certificate file has a new certificate.' },
    'certificate.expiring': {
      level: 'warn',
      meaning: 'A certificate expires soon; said once a day.',
    },
    'certificate.expired': {
      level: ['warn', 'error'],
      meaning: 'A certificate has expired; a warning for a CA beside one that is valid.',
    },
    'http.listening': { level: 'info', meaning: 'The HTTP server has its port.' },
    'http.answered': { level: 'debug', meaning: 'A request was answered.' },
    'http.failed': {
      level: 'error',
      meaning: 'A request was answered with 500, by a fault of the service.',
    },
    'admin.paused': { level: 'warn', meaning: 'An operator has paused a topic or a handler.' },
    'admin.resumed': { level: 'warn', meaning: 'An operator has resumed a topic or a handler.' },
    'admin.denied': { level: 'warn', meaning: 'An admin request came without the right token.' },
    'admin.token-unusable': {
      level: 'error',
      meaning: 'An admin request was refused, because the token file cannot be used.',
    },
    'log.dropped': {
      level: 'warn',
      meaning: 'Lines of the log could not be written; said when writing works again.',
    },
    'service.uncaught': {
      level: 'error',
      meaning:
        'An error that nobody caught and no handler began: a rejection is only said, an exception ends the process after a drain.',
    },
  },
} as const satisfies EventChapter
