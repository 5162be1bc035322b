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
import { checkBroker, checkDeadLetterTopic, checkTable } from './names.ts'
import { createSaslSection, createTlsSection, PROTOCOLS } from './security.ts'

const fileSection = section('Dead letters in files, one JSON document a line.', {
  folder: setting(file(), {
    description:
      'Folder of the files; several pods may share one. Every process writes files of its own.',
    default: './dead-letters',
  }),
  maxFileBytes: setting(bytes('64KiB', '1TiB'), {
    description: 'A file that would become larger is closed, and another one begun.',
    default: '64MiB',
  }),
  maxFileAge: setting(duration('1m', '365d'), {
    description: 'The same for a file older than this.',
    default: '24h',
  }),
  maxBytes: setting(bytes('1MiB', '1TiB'), {
    description:
      'Most bytes of all files of the folder. Past it no letter is taken, its partition waits, and nothing is lost.',
    default: '1GiB',
  }),
})

const CLUSTER = 'deadLetters.kafka'

const kafkaSection = section('Dead letters in a Kafka topic.', {
  topic: setting(checked(text(), checkDeadLetterTopic), {
    description: 'Name of the topic; `{topic}` stands for the topic that a record came from.',
    default: '{topic}.dlq',
  }),
  brokers: optional(list('brokers', checkBroker), {
    description:
      'Brokers of another cluster, reached with the settings below. Without it: the cluster of `kafka` and its credentials, which many providers sell for reading only.',
    example: ['kafka.example.com:9092'],
  }),
  securityProtocol: setting(choice(PROTOCOLS), {
    description: 'Of the other cluster: encryption (SSL), login (SASL).',
    default: 'PLAINTEXT',
  }),
  sasl: createSaslSection(CLUSTER, false).prefault({}),
  tls: createTlsSection(CLUSTER, false).prefault({}),
  createTopic: setting(boolean(), {
    description:
      'Whether a missing topic is made, to keep its records for ever. A missing topic that is not made holds its partitions up, and is said.',
    default: false,
  }),
  partitions: setting(integer(1, 10_000), {
    description: 'Of a topic that is made.',
    default: 4,
  }),
  replication: optional(integer(1, 100), {
    description: 'Replicas of a topic that is made. Without it: as the brokers do by default.',
    example: 3,
  }),
})

const postgresSection = section('Dead letters in a table of PostgreSQL.', {
  urlFile: optional(file(), {
    description:
      'File that holds the URL with its password: `postgresql://user:password@host:5432/database`. TLS is verified, chain and host name, unless the URL says `sslmode=verify-ca` (the chain only) or `sslmode=disable` (no TLS).',
    example: '/etc/onchain-consumer/postgres/url',
  }),
  caFile: optional(file(), {
    description:
      "Certificate authorities that may vouch for the server. Without it: Node's own list.",
    example: '/etc/onchain-consumer/postgres/ca.crt',
  }),
  table: setting(checked(text(), checkTable), {
    description: 'Name of the table, with its schema if it has another than the default.',
    default: 'onchain_dead_letters',
  }),
  createTable: setting(boolean(), {
    description: 'Whether a missing table is made.',
    default: true,
  }),
  maxConnections: setting(integer(2, 100), {
    description: 'Most connections of one process.',
    default: 2,
  }),
  connectionTimeout: setting(duration('100ms', '5m'), {
    description: 'How long a connection may take to open.',
    default: '10s',
  }),
  statementTimeout: setting(duration('100ms', '10m'), {
    description: 'How long a statement may take.',
    default: '30s',
  }),
})

export const deadLettersSection = section(
  'Where records are kept that cannot be handled, to be sent again (`onchain-consumer dlq`). The offset of a record is committed only when its letter is safe.',
  {
    target: setting(choice(['file', 'kafka', 'postgres']), {
      description: 'Which of the following keeps them.',
      default: 'file',
    }),
    fallback: setting(choice(['none', 'file']), {
      description:
        'Where a letter goes that `kafka` or `postgres` does not take because of what it is: larger than the topic takes, say. `file`: to the folder of `deadLetters.file`, and it is said; `dlq` shows and redrives it like the others where it can see that folder. `none`: its partition waits.',
      default: 'none',
    }),
    corruptBatches: setting(choice(['hold', 'keep']), {
      description:
        'What becomes of a batch of the broker that stays unreadable when it is fetched again: `hold`: its partition waits there, and says so, until the batch can be read; `keep`: the raw batch is kept as one dead letter, and the partition goes on behind it.',
      default: 'hold',
    }),
    file: fileSection.prefault({}),
    kafka: kafkaSection.prefault({}),
    postgres: postgresSection.prefault({}),
  },
)
