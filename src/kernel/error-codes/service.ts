import type { ErrorChapter } from './chapter.ts'

export const service = {
  title: 'The service',
  introduction: 'The HTTP server, and what has to end in time.',
  codes: {
    OCC_HTTP_PORT_IN_USE: {
      meaning: 'Another process uses the port.',
      remedy: 'Stop that one, or set `http.port` to a free port.',
      retriable: 'no',
    },
    OCC_HTTP_LISTEN_FAILED: {
      meaning: 'The address or the port cannot be opened.',
      remedy:
        'Set `http.host` to an address of the machine, `http.port` to a port that is allowed.',
      retriable: 'no',
    },
    OCC_DEADLINE: {
      meaning: 'Something did not end in time, such as the last commit or `close()` of a handler.',
      remedy: 'See what the message names; the service goes on, or ends, without it.',
      retriable: 'no',
    },
    OCC_UNCAUGHT: {
      meaning:
        'An exception that nobody caught and no handler began: the service drains, commits and ends with 1.',
      remedy: 'See the message and the log; docs/operations.md has a chapter.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
