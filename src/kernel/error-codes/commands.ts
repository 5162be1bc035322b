import type { ErrorChapter } from './chapter.ts'

export const commands = {
  title: 'Command line',
  introduction: 'Errors that end a command of `onchain-consumer`.',
  codes: {
    OCC_USAGE: {
      meaning: 'The arguments are wrong (exit code 2).',
      remedy: 'See `onchain-consumer help COMMAND`.',
      retriable: 'no',
    },
    OCC_ADMIN_UNREACHABLE: {
      meaning:
        'No service answers at an address of `--url` (`status`, `lag`, `pause`, `resume`, `offsets`), or something else does.',
      remedy: 'Check that the service runs there, on `http.port`, and that the way to it is open.',
      retriable: 'no',
    },
    OCC_ADMIN_REFUSED: {
      meaning:
        'The service refused what a command asked of it through `--url`; the message has the reason.',
      remedy:
        'Check the token (`--token-file`) and its right, and what was asked: topic, partition, handler, group.',
      retriable: 'no',
    },
    OCC_PARTITION_UNKNOWN: {
      meaning: 'The topic has no partition of the number that was given.',
      remedy: 'Give one of those that the message names.',
      retriable: 'no',
    },
    OCC_GROUP_UNKNOWN: {
      meaning: 'A command names a consumer group that has no member and no committed offset.',
      remedy: 'Give one that `onchain-consumer groups` lists.',
      retriable: 'no',
    },
    OCC_OFFSET_BEYOND: {
      meaning: 'The offset to read from is beyond the end of the partition.',
      remedy: 'Give one up to the end that the message names, or `END`.',
      retriable: 'no',
    },
    OCC_SAMPLE: {
      meaning: 'A file of samples or of expected results cannot be used; the message has the line.',
      remedy: 'Correct it (docs/handlers.md, "Write and try a handler").',
      retriable: 'no',
    },
    OCC_FILE_EXISTS: {
      meaning: '`handler new` or `--save` would overwrite a file that it did not write.',
      remedy: 'Choose another name, or remove the file.',
      retriable: 'no',
    },
    OCC_REPLAY_PROGRESS: {
      meaning: 'The file of `replay --progress` cannot be used, or is of another replay.',
      remedy: 'Give the flags of that replay, or name a new file.',
      retriable: 'no',
    },
    OCC_REDRIVE_NO_HANDLERS: {
      meaning:
        '`--to-handlers` was given, but the configuration has no handlers, or the letter is of a rule of `alerts` that counts events, which only the service does.',
      remedy: 'Add them to `handlers`, or omit `--to-handlers`.',
      retriable: 'no',
    },
    OCC_REDRIVE_GROUP: {
      meaning:
        'Letters were to be redriven for a consumer group that does not read the topic, or has no committed offset of it: nobody would handle them.',
      remedy: 'Name a group that reads the topic with `--to-group`, or `--to-group all`.',
      retriable: 'no',
    },
    OCC_REDRIVE_FAILED: {
      meaning: 'A redrive stopped early; the message has the number of records sent.',
      remedy: 'Fix the cause and run it again: `dlq list` marks what may have been sent.',
      retriable: 'no',
    },
  },
} as const satisfies ErrorChapter
