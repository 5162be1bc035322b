import * as z from 'zod'
import {
  boolean,
  bytes,
  checked,
  choice,
  duration,
  integer,
  list,
  optional,
  required,
  section,
  setting,
  text,
} from './fields.ts'
import { checkBroker, checkGroupId, checkInstanceId, checkStrategy, checkTopic } from './names.ts'
import { createSaslSection, createTlsSection, PROTOCOLS } from './security.ts'

const fetchSection = section('How much one fetch returns.', {
  minBytes: setting(bytes('1B', '100MiB'), {
    description: 'A broker answers a fetch once it has this much data, or after `maxWait`.',
    env: 'KAFKA_FETCH_MIN_BYTES',
    default: 1,
  }),
  maxBytes: setting(bytes('1MiB', '1GiB'), {
    description:
      'Max bytes in one answer of a broker, over all partitions. A single large batch may exceed it.',
    env: 'KAFKA_FETCH_MAX_BYTES',
    default: '8MiB',
  }),
  maxBytesPerPartition: setting(bytes('1MiB', '256MiB', 'a single record can be 1MiB'), {
    description:
      'Max bytes of one partition in one answer. At least 1MiB, because a single record can be that large.',
    env: 'KAFKA_MAX_PARTITION_FETCH_BYTES',
    default: '1MiB',
  }),
  maxBatchBytes: setting(bytes('1MiB', '1GiB'), {
    description:
      'Max bytes of a record batch after decompression. A larger one is not read: see `deadLetters.corruptBatches`.',
    default: '64MiB',
  }),
  maxWait: setting(duration('1ms', '60s'), {
    description: 'Max time that a broker waits for `minBytes`.',
    env: 'KAFKA_FETCH_MAX_WAIT_MS',
    default: '500ms',
  }),
})

export const kafkaSection = section('The cluster, the topics and the consumer group.', {
  brokers: setting(list('brokers', checkBroker), {
    description:
      'Bootstrap brokers, each as host:port. Without it: `localhost:9092`, and inside Kubernetes `kafka.kafka.svc.cluster.local:9092`.',
    env: 'KAFKA_BOOTSTRAP_SERVERS',
    default: ['localhost:9092'],
  }),
  topics: required(list('topics', checkTopic), {
    description: 'Full names of the topics to consume.',
    env: 'KAFKA_TOPICS',
    example: ['solana.transfers'],
  }),
  groupId: required(checked(text(), checkGroupId), {
    description:
      'Consumer group that all pods share. Some providers require it to begin with the SASL user name, and bill each group as a separate stream.',
    env: 'KAFKA_GROUP_ID',
    example: 'myuser-transfers',
  }),
  groupInstanceId: optional(checked(text(), checkInstanceId), {
    description:
      'Static membership: a name that this process keeps across restarts, such as the pod name in a StatefulSet. A restart within `sessionTimeout` keeps its partitions and causes no rebalance. With several `consumers`, each appends its number.',
    env: 'KAFKA_GROUP_INSTANCE_ID',
    example: 'onchain-consumer-0',
  }),
  assignmentStrategy: setting(list('strategies', checkStrategy), {
    description:
      'How partitions are assigned to the members, in order of preference: cooperative-sticky, sticky, range, roundrobin. All members of the group, whatever their client, must have one in common. With cooperative-sticky alone a rebalance stops only the partitions that move; docs/scaling.md describes how to change the strategy of a running group.',
    env: 'KAFKA_PARTITION_ASSIGNMENT_STRATEGY',
    default: ['cooperative-sticky'],
  }),
  clientId: setting(text(), {
    description: 'Name of this client in the logs and quotas of the brokers.',
    env: 'KAFKA_CLIENT_ID',
    default: 'onchain-consumer',
  }),
  rackId: setting(z.string().meta({ kind: 'text', form: 'text' }), {
    description: 'Rack or zone of this client, to fetch from a nearby replica. Empty: none.',
    env: 'KAFKA_CLIENT_RACK',
    default: '',
  }),
  securityProtocol: setting(choice(PROTOCOLS), {
    description: 'Whether the connection is encrypted (SSL) and whether a user logs in (SASL).',
    env: 'KAFKA_SECURITY_PROTOCOL',
    default: 'PLAINTEXT',
  }),
  sasl: createSaslSection('kafka', true).prefault({}),
  tls: createTlsSection('kafka', true).prefault({}),
  consumers: setting(integer(1, 64), {
    description:
      'Members of the group in this process. The members of all pods together should not exceed the number of partitions.',
    default: 1,
  }),
  autoOffsetReset: setting(choice(['earliest', 'latest', 'none']), {
    description:
      'Where a partition without a committed offset starts. `earliest` loses nothing; `latest` skips the existing records; `none` stops with an error.',
    env: 'KAFKA_AUTO_OFFSET_RESET',
    default: 'earliest',
  }),
  isolationLevel: setting(choice(['read_committed', 'read_uncommitted']), {
    description: '`read_committed` leaves out the records of unfinished and aborted transactions.',
    env: 'KAFKA_ISOLATION_LEVEL',
    default: 'read_committed',
  }),
  checkCrcs: setting(boolean(), {
    description:
      'Checks the checksum (CRC-32C) of each fetched batch, so that data damaged by a disk or the network is never handled.',
    env: 'KAFKA_CHECK_CRCS',
    default: true,
  }),
  sessionTimeout: setting(duration('1s', '30m'), {
    description:
      'After this long without a heartbeat the group gives the partitions to other members.',
    env: 'KAFKA_SESSION_TIMEOUT_MS',
    default: '45s',
  }),
  heartbeatInterval: setting(duration('100ms', '5m'), {
    description:
      'Time between heartbeats, and the max delay until a rebalance is noticed. Below a third of `sessionTimeout`.',
    env: 'KAFKA_HEARTBEAT_INTERVAL_MS',
    default: '1s',
  }),
  rebalanceTimeout: setting(duration('1s', '30m'), {
    description: 'How long the group waits in a rebalance for its members to rejoin.',
    env: 'KAFKA_REBALANCE_TIMEOUT_MS',
    default: '60s',
  }),
  metadataMaxAge: setting(duration('1s', '1h'), {
    description: 'How often the metadata is refreshed, to find new partitions and moved leaders.',
    env: 'KAFKA_METADATA_MAX_AGE_MS',
    default: '30s',
  }),
  connectionTimeout: setting(duration('100ms', '5m'), {
    description: 'How long a connection may take to open, TLS included.',
    env: 'KAFKA_SOCKET_CONNECTION_SETUP_TIMEOUT_MS',
    default: '10s',
  }),
  requestTimeout: setting(duration('1s', '10m'), {
    description: 'How long a broker may take to answer a request.',
    env: 'KAFKA_REQUEST_TIMEOUT_MS',
    default: '30s',
  }),
  restartWindow: setting(duration('0s', '24h'), {
    description:
      'How long a broken connection is retried before the process exits with 1, so that Kubernetes restarts it and the failure is visible.',
    default: '5m',
  }),
  fetch: fetchSection.prefault({}),
  properties: optional(
    z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .meta({ kind: 'map', form: 'map of property names to values' }),
    {
      description:
        'Properties of librdkafka or of the Java client, pasted unchanged. Each becomes a key (docs/configuration.md lists which) or an error that says why not.',
      example: { 'session.timeout.ms': 30000 },
    },
  ),
})
