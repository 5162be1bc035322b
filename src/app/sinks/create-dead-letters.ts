import { registerCodecs } from '../../broker/topics/codecs.ts'
import { createTopicAdmin } from '../../broker/topics/topic-admin.ts'
import { readTopic } from '../../broker/topics/topic-reader.ts'
import { createTopicWriter } from '../../broker/topics/topic-writer.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import type { Config } from '../../config/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Meters } from '../../observe/types.ts'
import { createFallbackLog } from '../../sink/dead-letters/fallback/log.ts'
import { createFallbackStore } from '../../sink/dead-letters/fallback/store.ts'
import { createFallbackTarget } from '../../sink/dead-letters/fallback/target.ts'
import { writerName } from '../../sink/dead-letters/file/names.ts'
import { createFileStore } from '../../sink/dead-letters/file/store.ts'
import { createFileTarget } from '../../sink/dead-letters/file/target.ts'
import { createKafkaStore } from '../../sink/dead-letters/kafka/store.ts'
import { createKafkaTarget } from '../../sink/dead-letters/kafka/target.ts'
import { createPostgresStore } from '../../sink/dead-letters/postgres/store.ts'
import { createPostgresTarget } from '../../sink/dead-letters/postgres/target.ts'
import type { DeadLetterStore } from '../../sink/dead-letters/types.ts'
import { createLazyPool } from '../../sink/postgres/lazy-pool.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import { brokerOptions } from '../room-options.ts'
import { lockLetters } from './lock-letters.ts'

export interface DeadLetterParts {
  readonly clock: Clock
  readonly log: Log
  /** Absent: of a command. */
  readonly meters?: Pick<Meters, 'database'>
  /** Called for each letter that the target refused and its fallback kept. */
  readonly onFallback?: () => void
}

/** The configured dead-letter target. Connects with the first letter or with `check`. */
export function createDeadLetterTarget(config: Config, parts: DeadLetterParts): DeadLetterTarget {
  const first = openTarget(config, config.deadLetters.target, parts)
  if (!hasFallback(config)) return first
  const second = openTarget(config, 'file', parts)
  const { clock, log, onFallback } = parts
  const logged = createFallbackLog(config.deadLetters.file.folder, clock, log)
  return createFallbackTarget(first, second, (letter, reason) => {
    onFallback?.()
    logged(letter, reason)
  })
}

function hasFallback({ deadLetters: { target, fallback } }: Config): boolean {
  return fallback === 'file' && target !== 'file'
}

type TargetName = Config['deadLetters']['target']

function openTarget(config: Config, target: TargetName, parts: DeadLetterParts): DeadLetterTarget {
  const { file, kafka, postgres } = config.deadLetters
  const { clock, log, meters } = parts
  switch (target) {
    case 'file':
      return createFileTarget({ ...file, writer: writerName(process.env) }, clock)
    case 'kafka': {
      const { options, section } = deadLetterCluster(config)
      const { partitions, replication = null, compression } = kafka
      registerCodecs(lz4Codec)
      return createKafkaTarget(
        {
          topicPattern: kafka.topic,
          topics: config.kafka.topics,
          create: kafka.createTopic ? { partitions, replication } : null,
          compression,
        },
        {
          writer: createTopicWriter(options, log, section),
          admin: createTopicAdmin(options, log, section),
          clock,
          warn: (text) => log.warn({ event: 'dead-letters.warned' }, text),
        },
      )
    }
    case 'postgres':
      return createPostgresTarget(postgres, openPool(config, log, meters))
  }
}

/** The same letters as a store, for listing and redrive. */
export function openDeadLetterStore(config: Config, parts: DeadLetterParts): DeadLetterStore {
  const first = openStore(config, config.deadLetters.target, parts)
  if (!hasFallback(config)) return first
  const second = openStore(config, 'file', parts)
  return createFallbackStore(first, second, config.deadLetters.file.folder)
}

function openStore(
  config: Config,
  target: TargetName,
  { clock, log }: DeadLetterParts,
): DeadLetterStore {
  const { file, kafka, postgres } = config.deadLetters
  switch (target) {
    case 'file': {
      const onUnreadable = ({ path, position }: { path: string; position: number }) =>
        log.warn(
          { event: 'dead-letters.unreadable', path, position },
          `${path} has a line at byte ${position} that is not a dead letter; it is skipped`,
        )
      return createFileStore(
        { folder: file.folder, writer: writerName(process.env), onUnreadable },
        clock,
      )
    }
    case 'kafka': {
      const { options, section } = deadLetterCluster(config)
      const reading = { section }
      return createKafkaStore(
        {
          topicPattern: kafka.topic,
          topics: config.kafka.topics,
          brokers: options.brokers,
        },
        {
          read: (topic) => readTopic(options, topic, reading, log, lz4Codec),
          writer: createTopicWriter(options, log, section),
          lock: (topic) => lockLetters(options, topic, log, section),
          clock,
        },
      )
    }
    case 'postgres':
      return createPostgresStore(postgres.table, openPool(config, log))
  }
}

/** The cluster of the dead-letter topics and the configuration section that defines it. */
function deadLetterCluster(config: Config): { options: BrokerOptions; section: string } {
  const { brokers, securityProtocol, sasl, tls } = config.deadLetters.kafka
  const options = brokerOptions(config)
  if (brokers === undefined) return { options, section: 'kafka' }
  const security = { protocol: securityProtocol, sasl, tls }
  return { options: { ...options, brokers, security }, section: 'deadLetters.kafka' }
}

function openPool(
  { deadLetters: { postgres } }: Config,
  log: Log,
  meters?: Pick<Meters, 'database'>,
): PostgresPool {
  const { urlFile } = postgres
  if (urlFile === undefined) {
    throw new OccError('OCC_CONFIG', 'deadLetters.postgres.urlFile is missing: name the file')
  }
  return createLazyPool({ ...postgres, urlFile }, log, 'deadLetters.postgres', meters)
}
