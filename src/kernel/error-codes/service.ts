import type { ErrorChapter } from './chapter.ts'

export const service = {
  title: 'The service',
  introduction: 'The HTTP server, deadlines, and uncaught errors.',
  codes: {
    OCC_HTTP_PORT_IN_USE: {
      meaning: 'Another process uses the port.',
      remedy: 'Stop that process, or set `http.port` to a free port.',
      retriable: 'no',
    },
    OCC_HTTP_LISTEN_FAILED: {
      meaning: 'The address or the port cannot be opened.',
      remedy: 'Set `http.host` to an address of the machine, and `http.port` to a permitted port.',
      retriable: 'no',
    },
    OCC_DEADLINE: {
      meaning: 'A step did not end in time, such as the last commit or `close()` of a handler.',
      remedy: 'Check what the message names; the service continues, or ends, without it.',
      retriable: 'no',
    },
    OCC_UNCAUGHT: {
      meaning:
        'An uncaught exception that no handler caused: the service drains, commits and exits with 1.',
      remedy: 'See the message, the log and docs/operations.md.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
