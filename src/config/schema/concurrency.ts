import * as z from 'zod'
import { bytes, choice, duration, integer, optional, section, setting } from './fields.ts'
import { RECORD_ORDERS } from './names.ts'

/** Text too: environment variables have no other type. */
const workers = z
  .union([
    z.int().min(0).max(64),
    z.enum(['auto']),
    z.string().regex(/^([0-9]|[1-5][0-9]|6[0-4])$/),
  ])
  .transform((value) => (value === 'auto' ? value : Number(value)))
  .meta({ kind: 'text', form: 'auto, or an integer, 0 to 64' })

export const processingSection = section('Order, concurrency, and limits on what is in flight.', {
  order: setting(choice(RECORD_ORDERS), {
    description:
      '`partition`: one record of a partition after the other; `key`: one record of a key after the other, different keys at the same time; `none`: in no order. The key is the key of the record, or what `key()` of the handler returns; each record without a key is a key of its own.',
    default: 'partition',
  }),
  concurrency: setting(integer(1, 100_000), {
    description:
      'Max records, or batches, in handlers at the same time in this process, over all partitions of a consumer group. It speeds up handlers that wait (databases, HTTP), not those that compute.',
    default: 100,
    live: true,
  }),
  maxInFlight: setting(integer(16, 1_000_000), {
    description:
      'How many records a partition may run ahead of its oldest unfinished one; at most this many are handled again after a crash. At the limit the partition waits for that record.',
    default: 4096,
  }),
  maxInFlightBytes: setting(bytes('64KiB', '1GiB'), {
    description: "Max bytes of a partition's records that are in flight or wait for a retry.",
    default: '8MiB',
  }),
  maxRecordsPerSecond: setting(integer(0, 10_000_000), {
    description:
      'Max records per second that this process hands to the handlers of a consumer group; 0: no limit.',
    default: 0,
    live: true,
  }),
  workers: setting(workers, {
    description:
      'Worker threads that decode and handle records, for handlers that compute; each thread opens its own handlers. 0: none, everything runs in the main thread. A number: that many threads. `auto`: starts without threads, and moves the work to up to `maxWorkers` threads and back as the measured load requires.',
    default: 0,
  }),
  minWorkers: optional(integer(1, 64), {
    description:
      'Min threads while there are any; more are started and stopped with the load. Without it: `workers` if that is a number, else 1.',
    example: 1,
  }),
  maxWorkers: optional(integer(1, 64), {
    description: 'Max threads with `workers: auto`. Without it: the number of cores minus 1.',
    example: 3,
  }),
  workerMemory: setting(bytes('32MiB', '16GiB'), {
    description:
      'Max heap of one worker thread. A thread that exceeds it is replaced, and its records are retried.',
    default: '256MiB',
  }),
})

export const retrySection = section('Retries of records that failed.', {
  attempts: setting(integer(1, 1000), {
    description:
      "Max attempts at a record, the first one included. A record that failed this often, or once with an error that is the record's own (docs/handlers.md), is set aside, and becomes a dead letter once its handler succeeds with another record.",
    default: 5,
    live: true,
  }),
  backoff: setting(duration('1ms', '1h'), {
    description:
      'Max pause before the second attempt; it doubles with each further attempt. The actual pause is random between 0 and this, so that records that failed together are not retried together.',
    default: '200ms',
    live: true,
  }),
  maxBackoff: setting(duration('1ms', '24h'), {
    description: 'Max pause between two attempts.',
    default: '30s',
    live: true,
  }),
  maxAfter: setting(duration('1ms', '24d'), {
    description:
      'Max pause that a handler may request with `retry(after)`. A longer one is shortened to this, and the log says so.',
    default: '15m',
    live: true,
  }),
})

export const circuitSection = section(
  'When a handler fails with every record, its records wait instead of becoming dead letters.',
  {
    failures: setting(integer(1, 10_000), {
      description:
        'Records that must fail in a row, without a success between, to open the circuit of their handler. While it is open the handler gets only probes, attempts are not counted, and its partitions wait.',
      default: 10,
    }),
    firstFailures: setting(integer(1, 10_000), {
      description:
        'The same before the first success of the handler in this process (one more than the partitions that it handles, if that is more), and when it is asked to slow down (HTTP 429); never more than `circuit.failures`. Both limits apply to the decoding of a topic, too: if none of its records can be decoded, its partitions wait.',
      default: 3,
    }),
    probeAfter: setting(duration('10ms', '1h'), {
      description:
        'Pause before a probe, one record that is tried while the circuit is open; it doubles with each failed probe. A success closes the circuit.',
      default: '1s',
    }),
    maxProbeAfter: setting(duration('10ms', '24h'), {
      description: 'Max pause between two probes.',
      default: '30s',
    }),
    patience: setting(duration('1s', '30d'), {
      description:
        "A record that was set aside waits for another success of its handler. If none comes for this long, it becomes a dead letter if it blocks its partition (`processing.maxInFlight`), or if the error is the record's own and the handler has succeeded before.",
      default: '15m',
    }),
  },
)
