import type { ErrorChapter } from './chapter.ts'

export const writing = {
  title: 'Sinks and writing to topics',
  introduction:
    'Values that handlers emit, and all writes to Kafka: emitted values, dead letters, redriven records.',
  codes: {
    OCC_EMIT: {
      meaning: 'A sink failed; the message has the reason. The record is retried.',
      remedy: 'Fix what the reason names; the record itself is not the cause.',
      retriable: 'yes',
    },
    OCC_EMIT_SINK: {
      meaning: 'A handler emitted to a sink that is not configured.',
      remedy: 'Add it under `sinks`, or correct the name in the handler.',
      retriable: 'yes',
    },
    OCC_EMIT_VALUE: {
      meaning: 'A handler emitted a value that JSON cannot represent.',
      remedy: 'Emit JSON, text or bytes.',
      retriable: 'no',
    },
    OCC_EMIT_ROW: {
      meaning:
        'A row of the record cannot be stored in PostgreSQL: a value too large or too long for its column, a missing value, a check or a trigger that refuses it, U+0000 in text, a value that cannot be read. Nothing of the record was written to that table.',
      remedy: 'Correct the value or the column, then redrive the letter ([rules](postgres.md)).',
      retriable: 'no',
    },
    OCC_EMIT_REFUSED: {
      meaning:
        'The receiver of a webhook refuses the value itself (HTTP status 400, 409, 411, 413, 414, 415 or 422), or it is larger than `maxBytes` of the sink.',
      remedy: 'Correct what the message names, then redrive the letter ([rules](webhooks.md)).',
      retriable: 'no',
    },
    OCC_ALERT_QUIET: {
      meaning:
        'An event is no alert of its rule, or was held back: its record is skipped (`no alert`). Only rules and their handlers see it.',
      remedy: 'None.',
      retriable: 'no',
    },
    OCC_WEBHOOK: {
      meaning:
        'A request to a webhook failed: no connection, no answer in time, a redirect, or another status than 2xx. The record waits.',
      remedy: 'Repair the receiver or the URL, as the message says; a busy one is waited for.',
      retriable: 'yes',
    },
    OCC_WEBHOOK_ADDRESS: {
      meaning: 'The host of a webhook is, or resolves to, an address of a private network.',
      remedy: 'Correct the URL, or set `allowPrivate: true` for a receiver of your own network.',
      retriable: 'yes',
    },
    OCC_WEBHOOK_GONE: {
      meaning:
        'The receiver of a webhook has answered 410: it wants nothing more. Nothing is sent there, and its records wait, or go to `fallback`.',
      remedy: 'Write another URL, which is read anew, or restart to try it again.',
      retriable: 'yes',
    },
    OCC_WEBHOOK_KEY: {
      meaning: 'A file with the URL, the keys, the token or the headers of a webhook is unusable.',
      remedy: 'Correct the file that the message names; it is read again for each request.',
      retriable: 'yes',
    },
    OCC_MIGRATE: {
      meaning: 'The table of a sink was made for other `events` or `partitions`.',
      remedy: 'Name another table in `sinks.<name>.table`, or change the keys back.',
      retriable: 'no',
    },
    OCC_EMIT_FILE: {
      meaning: 'The file of a sink cannot be written.',
      remedy: 'Free disk space, or let the user of the process write there.',
      retriable: 'yes',
    },
    OCC_EMIT_TOO_LATE: {
      meaning: 'A handler emitted a value after its call had ended.',
      remedy: 'Await in the handler what it starts, and stop at `context.signal`.',
      retriable: 'yes',
    },
    OCC_TOPIC_WRITE_NOT_AUTHORIZED: {
      meaning: 'The user may not write to the topic; many providers only allow reading.',
      remedy: 'Use another topic, or your own cluster.',
      retriable: 'yes',
    },
    OCC_RECORD_TOO_LARGE: {
      meaning: 'The record is larger than the topic accepts.',
      remedy: 'Raise `max.message.bytes` of the topic.',
      retriable: 'yes',
    },
    OCC_TIMESTAMP_REFUSED: {
      meaning: 'The topic does not accept the timestamp of the record.',
      remedy: 'Check `message.timestamp.before.max.ms` of the topic.',
      retriable: 'yes',
    },
    OCC_NOT_ACKNOWLEDGED: {
      meaning: 'The brokers did not acknowledge a write; a leader may be moving.',
      remedy: 'None. If it lasts, check the brokers.',
      retriable: 'yes',
    },
  },
} as const satisfies ErrorChapter
