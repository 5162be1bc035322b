import { boolean, bytes, choice, duration, integer, section, setting } from './fields.ts'
import { connectionKeys, serverKeys, tableKey } from './postgres.ts'

const batchSection = section('How much one transaction holds.', {
  rows: setting(integer(1, 100_000), {
    description: 'Max rows of a transaction; a message with more has one of its own.',
    default: 1_000,
  }),
  bytes: setting(bytes('1KiB', '256MiB'), {
    description: 'Max bytes of the values of these rows.',
    default: '8MiB',
  }),
  within: setting(duration('0ms', '10s'), {
    description: 'How long a message waits for others.',
    default: '5ms',
  }),
})

const postgresSection = section(
  'The table of offsets, with `store: postgres`; with `record`, the database of that table.',
  {
    ...serverKeys(
      '/etc/onchain-consumer/sinks/db',
      'File with the URL of the database, as for a sink. The rows of sinks that name the same file are in the transactions of the offsets; those of other sinks are written at least once.',
    ),
    table: tableKey('onchain_offsets'),
    migrate: setting(boolean(), {
      description: 'Makes the table at the start. Without it: `onchain-consumer migrate` does.',
      default: false,
    }),
    ...connectionKeys(
      'Max connections of one process for each of its consumer groups. One is for claims, each other for a transaction at a time.',
      { maxConnections: 3, connectionTimeout: '5s', statementTimeout: '10s' },
    ),
    batch: batchSection.prefault({}),
  },
)

const recordSection = section(
  'With `store: kafka`: the last committed offset of each partition, in a table for people and for a lost group ([recorded offsets](offsets.md#recorded-offsets)). It decides nothing, and a database that is away stops nothing.',
  {
    every: setting(duration('0s', '1h'), {
      description:
        'How often what was committed since is written to the table of the database of `offsets.postgres`; at least `1s`. `0s`: never.',
      default: '0s',
      example: '10s',
    }),
    table: tableKey('onchain_recorded_offsets'),
  },
)

export const offsetsSection = section('Where the offsets of finished records are kept.', {
  store: setting(choice(['kafka', 'postgres']), {
    description:
      '`kafka`: committed to the brokers; results are written at least once. `postgres`: in a table, in the transaction of the rows that records became ([exactly once](postgres.md#exactly-once)); the table decides where partitions begin, and commits to Kafka follow for the tools that show lag.',
    default: 'kafka',
  }),
  postgres: postgresSection.prefault({}),
  record: recordSection.prefault({}),
})
