import * as z from 'zod'
import { bytes, choice, duration, integer, optional, section, setting } from './fields.ts'

/** Also as text, as the environment has nothing else. */
const workers = z
  .union([
    z.int().min(0).max(64),
    z.enum(['auto']),
    z.string().regex(/^([0-9]|[1-5][0-9]|6[0-4])$/),
  ])
  .transform((value) => (value === 'auto' ? value : Number(value)))
  .meta({ kind: 'text', form: 'auto, or integer, 0 to 64' })

export const processingSection = section('Order, concurrency, and how much is in hand.', {
  order: setting(choice(['partition', 'key', 'none']), {
    description:
      '`partition`: one record of a partition after the other; `key`: those of one key of a partition, others at the same time; `none`: in no order. The key is that of the record, or what the handler says; records without one count as one key each.',
    default: 'partition',
  }),
  concurrency: setting(integer(1, 100_000), {
    description:
      'Records, or batches, that handlers work on at the same time in this process, over all partitions. For handlers that wait (databases, HTTP); what computes gets no faster by it.',
    default: 100,
    live: true,
  }),
  maxInFlight: setting(integer(16, 1_000_000), {
    description:
      'Most records of a partition from its lowest unfinished one to the newest one taken: what is handled again after a crash. Past it the partition waits for its slowest record.',
    default: 4096,
  }),
  maxInFlightBytes: setting(bytes('64KiB', '1GiB'), {
    description:
      "Most bytes of a partition's records that are in hand or wait for another attempt.",
    default: '8MiB',
  }),
  maxRecordsPerSecond: setting(integer(0, 10_000_000), {
    description: 'Most records a second that this process hands to handlers; 0: no limit.',
    default: 0,
    live: true,
  }),
  workers: setting(workers, {
    description:
      'Worker threads that decode and handle, for handlers that compute: each opens the handlers for itself. 0: none, all in the main thread. A number: so many. `auto`: begins without any, and moves to them and back as the measured load wants, up to `maxWorkers`.',
    default: 0,
  }),
  minWorkers: optional(integer(1, 64), {
    description:
      'Least of them while there are any; more come and go with the load. Without it: `workers` where that is a number, else 1.',
    example: 1,
  }),
  maxWorkers: optional(integer(1, 64), {
    description: 'Most of them with `workers: auto`. Without it: one less than there are cores.',
    example: 3,
  }),
  workerMemory: setting(bytes('32MiB', '16GiB'), {
    description:
      'Most heap of one worker thread; one that needs more is replaced, and its records are tried again.',
    default: '256MiB',
  }),
})

export const retrySection = section('Further attempts at records that failed.', {
  attempts: setting(integer(1, 1000), {
    description:
      "Attempts in all. A record that failed so often, or once with an error that is the record's own (docs/handlers.md), becomes a dead letter when its handler has succeeded with another record; until then it is set aside.",
    default: 5,
    live: true,
  }),
  backoff: setting(duration('1ms', '1h'), {
    description:
      'Longest pause before the second attempt; it doubles with each further one. The pause itself is random, from none to that, so that records that failed together do not come back together.',
    default: '200ms',
    live: true,
  }),
  maxBackoff: setting(duration('1ms', '24h'), {
    description: 'Longest pause between two attempts.',
    default: '30s',
    live: true,
  }),
  maxAfter: setting(duration('1ms', '24d'), {
    description:
      'Longest pause that a handler may ask for with `retry(after)`: a longer one is cut to it, and the log says so.',
    default: '15m',
    live: true,
  }),
})

export const circuitSection = section(
  'When a handler fails with everything, its records wait rather than die.',
  {
    failures: setting(integer(1, 10_000), {
      description:
        'So many records that a handler fails in a row, without a success between, open its circuit: nothing more is handed to it, attempts are not counted, its partitions wait.',
      default: 10,
    }),
    firstFailures: setting(integer(1, 10_000), {
      description:
        'The same while the handler has not succeeded with any record in this process, and where it is asked for less (HTTP 429); never more than `circuit.failures`. Both count for the decoding of a topic too: where nothing of it can be decoded its partitions wait.',
      default: 3,
    }),
    probeAfter: setting(duration('10ms', '1h'), {
      description:
        'Pause before one record is tried while a circuit is open; it doubles with each that fails. A success closes the circuit.',
      default: '1s',
    }),
    maxProbeAfter: setting(duration('10ms', '24h'), {
      description: 'Longest pause between two such probes.',
      default: '30s',
    }),
    patience: setting(duration('1s', '30d'), {
      description:
        "A record that was set aside, of whose handler nothing else was heard since, is given up after this long if its partition can go no further without it (`processing.maxInFlight`), or if the error is the record's own and the handler has worked before.",
      default: '15m',
    }),
  },
)
