import type { ErrorChapter } from './chapter.ts'

export const commands = {
  title: 'Command line',
  introduction: 'What a command of `onchain-consumer` ends with.',
  codes: {
    OCC_USAGE: {
      meaning: 'The arguments are wrong (exit code 2).',
      remedy: 'See `onchain-consumer help COMMAND`.',
      retriable: 'no',
    },
    OCC_ADMIN_UNREACHABLE: {
      meaning: 'No service answers at the URL of `pause` or `resume`.',
      remedy: 'Check that the service is there, on `http.port`.',
      retriable: 'no',
    },
    OCC_ADMIN_REFUSED: {
      meaning: 'The service refused to pause or to resume; the message has its reason.',
      remedy: 'Check the token, and the name of the topic or handler.',
      retriable: 'no',
    },
    OCC_REDRIVE_NO_HANDLERS: {
      meaning: '`--to-handlers` was given, and the configuration has no handlers.',
      remedy: 'Name them under `handlers`, or leave out `--to-handlers`.',
      retriable: 'no',
    },
    OCC_REDRIVE_FAILED: {
      meaning: 'A redrive stopped before its end; the message counts what was sent.',
      remedy: 'Mend the reason and begin again: `dlq list` marks what may have been sent.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
