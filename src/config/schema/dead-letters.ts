import { compressions } from '../../kernel/compression.ts'
import {
  boolean,
  bytes,
  checked,
  choice,
  duration,
  file,
  integer,
  list,
  optional,
  section,
  setting,
  text,
} from './fields.ts'
import { checkBroker, checkDeadLetterTopic } from './names.ts'
import { connectionKeys, serverKeys, tableKey } from './postgres.ts'
import { createSaslSection, createTlsSection, PROTOCOLS } from './security.ts'

const fileSection = section('Dead letters in files, one JSON document a line.', {
  folder: setting(file(), {
    description:
      'Folder of the files. Several pods may share it: each process writes its own files.',
    default: './dead-letters',
  }),
  maxFileBytes: setting(bytes('64KiB', '1TiB'), {
    description: 'Max size of one file; then the next one is started.',
    default: '64MiB',
  }),
  maxFileAge: setting(duration('1m', '365d'), {
    description: 'Max age of one file; then the next one is started.',
    default: '24h',
  }),
  maxBytes: setting(bytes('1MiB', '1TiB'), {
    description:
      'Max size of all files in the folder. When it is reached no more letters are kept: their partitions wait, and nothing is lost.',
    default: '1GiB',
  }),
})

const CLUSTER = 'deadLetters.kafka'

const kafkaSection = section('Dead letters in a Kafka topic.', {
  topic: setting(checked(text(), checkDeadLetterTopic), {
    description: 'Name of the topic; `{topic}` is replaced by the topic of the record.',
    default: '{topic}.dlq',
  }),
  compression: setting(choice(compressions), {
    description:
      'Compression of its batches. Every client reads `gzip`, `snappy` and `lz4`; `zstd`, the smallest, needs a client of Kafka 2.1 or newer.',
    default: 'zstd',
  }),
  brokers: optional(list('brokers', checkBroker), {
    description:
      'Brokers of another cluster, with the security settings below. Without it: the cluster and the credentials of `kafka`; those of many providers are read-only.',
    example: ['kafka.example.com:9092'],
  }),
  securityProtocol: setting(choice(PROTOCOLS), {
    description: 'Security of the other cluster: encryption (SSL), login (SASL).',
    default: 'PLAINTEXT',
  }),
  sasl: createSaslSection(CLUSTER, false).prefault({}),
  tls: createTlsSection(CLUSTER, false).prefault({}),
  createTopic: setting(boolean(), {
    description:
      'Creates a missing topic, which then keeps its records forever. If it is missing and not created, the partitions wait and the log says so.',
    default: false,
  }),
  partitions: setting(integer(1, 10_000), {
    description: 'Partitions of a topic that is created.',
    default: 4,
  }),
  replication: optional(integer(1, 100), {
    description: 'Replicas of a topic that is created. Without it: the default of the brokers.',
    example: 3,
  }),
})

const postgresSection = section('Dead letters in a table of PostgreSQL.', {
  ...serverKeys(
    '/etc/onchain-consumer/postgres',
    'File with the URL, password included: `postgresql://user:password@host:5432/database`. TLS is verified, chain and host name, unless the URL says `sslmode=verify-ca` (the chain only) or `sslmode=disable` (no TLS).',
  ),
  table: tableKey('onchain_dead_letters'),
  createTable: setting(boolean(), {
    description: 'Creates a missing table.',
    default: true,
  }),
  ...connectionKeys('Max connections of one process.', {
    maxConnections: 2,
    connectionTimeout: '10s',
    statementTimeout: '30s',
  }),
})

export const deadLettersSection = section(
  'Where records that cannot be handled are kept, to be redriven (`onchain-consumer dlq`). The offset of a record is committed only after its letter is stored.',
  {
    target: setting(choice(['file', 'kafka', 'postgres']), {
      description: 'Which of the targets below keeps them.',
      default: 'file',
    }),
    fallback: setting(choice(['none', 'file']), {
      description:
        'Where a letter goes that `kafka` or `postgres` rejects because of its content, for example its size. `file`: to the folder of `deadLetters.file`, and the log says so; `dlq` lists and redrives it like the others if it can read that folder. `none`: its partition waits.',
      default: 'none',
    }),
    corruptBatches: setting(choice(['hold', 'keep']), {
      description:
        'What happens to a batch that is still unreadable when it is fetched again. `hold`: its partition waits, and the log says so, until the batch can be read; `keep`: the raw batch becomes one dead letter, and the partition continues after it.',
      default: 'hold',
    }),
    file: fileSection.prefault({}),
    kafka: kafkaSection.prefault({}),
    postgres: postgresSection.prefault({}),
  },
)
