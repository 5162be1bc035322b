import { becomes, becomesText, only, type PropertyRule, refused } from './rules.ts'

const backoff = (name: string) =>
  refused(
    name,
    'broken connections are retried with a built-in backoff',
    'remove it; kafka.restartWindow sets for how long',
  )

const producer = (name: string) =>
  refused(name, 'it is for producers, and this service consumes', 'remove it')

const java = (name: string) =>
  refused(name, 'it names a Java class', 'remove it; metrics are at /metrics')

/** The connection, and properties of other programs. */
export const otherRules: readonly PropertyRule[] = [
  becomesText('bootstrap.servers', 'kafka.brokers'),
  becomesText('metadata.broker.list', 'kafka.brokers'),
  becomesText('client.id', 'kafka.clientId'),
  becomesText('client.rack', 'kafka.rackId'),
  becomes('metadata.max.age.ms', 'kafka.metadataMaxAge'),
  becomes('topic.metadata.refresh.interval.ms', 'kafka.metadataMaxAge'),
  becomes('request.timeout.ms', 'kafka.requestTimeout'),
  becomes('socket.timeout.ms', 'kafka.requestTimeout'),
  becomes('socket.connection.setup.timeout.ms', 'kafka.connectionTimeout'),
  only(
    'allow.auto.create.topics',
    'false',
    'a misspelled topic must not be created',
    'create the topic first; the service waits for a missing one',
  ),
  only('socket.keepalive.enable', 'true', 'connections are always kept alive', 'remove it'),
  only('api.version.request', 'true', 'brokers are always asked for their versions', 'remove it'),
  refused('broker.version.fallback', 'brokers are always asked for their versions', 'remove it'),
  refused('connections.max.idle.ms', 'connections are kept open', 'remove it'),
  refused('client.dns.lookup', 'the address that the resolver gives first is used', 'remove it'),
  refused(
    'debug',
    'librdkafka is not used',
    'remove it; log.level: debug shows what the client does',
  ),
  refused('log_level', 'librdkafka is not used', 'remove it; set log.level'),
  refused('statistics.interval.ms', 'librdkafka is not used', 'remove it; metrics are at /metrics'),
  backoff('retries'),
  backoff('retry.backoff.ms'),
  backoff('retry.backoff.max.ms'),
  backoff('reconnect.backoff.ms'),
  backoff('reconnect.backoff.max.ms'),
  java('interceptor.classes'),
  java('metric.reporters'),
  producer('acks'),
  producer('request.required.acks'),
  producer('compression.type'),
  producer('compression.codec'),
  producer('linger.ms'),
  producer('batch.size'),
  producer('enable.idempotence'),
  producer('transactional.id'),
]
