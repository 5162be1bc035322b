import { boolean, choice, duration, integer, section, setting } from './fields.ts'
import { connectionKeys, serverKeys, tableKey } from './postgres.ts'

const postgresSection = section('The table of parked records, with `store: postgres`.', {
  ...serverKeys(
    '/etc/onchain-consumer/sinks/db',
    'File with the URL of the database, as for a sink. Default, with `offsets.store: postgres`: `offsets.postgres.urlFile`, and then no other.',
  ),
  table: tableKey('onchain_parked'),
  migrate: setting(boolean(), {
    description: 'Makes the table at the start. Without it: `onchain-consumer migrate` does.',
    default: false,
  }),
  ...connectionKeys('Max connections of one process for each of its consumer groups.', {
    maxConnections: 3,
    connectionTimeout: '5s',
    statementTimeout: '10s',
  }),
})

export const parkedSection = section(
  'Records that are kept until they are due and then handled again ([parked.md](parked.md)).',
  {
    store: setting(choice(['none', 'postgres']), {
      description:
        '`postgres`: handlers can return `later(after)`. `none`: there is no place for parked records.',
      default: 'none',
    }),
    afterRetries: setting(boolean(), {
      description:
        "Parks a record whose attempts are used up by a fault that is not its own (the world's), in place of a dead letter.",
      default: false,
    }),
    hold: setting(choice(['none', 'key']), {
      description:
        '`key`: later records of the same key and partition are parked behind a parked one, and handled after it, in their order. `none`: they are handled before it.',
      default: 'none',
    }),
    attempts: setting(integer(1, 1_000), {
      description:
        'Failed attempts at a parked record, one each time it is due, until it becomes a dead letter. `later` is none.',
      default: 10,
    }),
    backoff: setting(duration('100ms', '24h'), {
      description: 'Until a record is due that failed; it doubles with each further failure.',
      default: '1m',
    }),
    maxBackoff: setting(duration('100ms', '7d'), {
      description: 'Max time until a record is due that failed.',
      default: '1h',
    }),
    maxRecords: setting(integer(1, 100_000_000), {
      description:
        'Max parked records of a consumer group; above 100,000 by an estimate of the database. With as many, partitions with another one wait.',
      default: 100_000,
    }),
    concurrency: setting(integer(1, 1_000), {
      description: 'Max parked records that a process handles at the same time.',
      default: 8,
    }),
    poll: setting(duration('100ms', '5m'), {
      description: 'How often each process looks for records that are due.',
      default: '1s',
    }),
    lease: setting(duration('3s', '1h'), {
      description:
        'How long a process that no longer answers keeps the records that it was handling. A living one keeps them for as long as the handler works.',
      default: '1m',
    }),
    postgres: postgresSection.prefault({}),
  },
)
