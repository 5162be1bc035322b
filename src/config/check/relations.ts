import { messageTopics } from '../../kernel/names.ts'
import { formatDuration } from '../../kernel/text/units.ts'
import { matchesTopic } from '../../kernel/topic-pattern.ts'
import type { Settings } from '../schema/index.ts'
import { type Problem, showValue } from './problems.ts'

/** A problem between keys that are valid by themselves. */
export interface Finding extends Problem {
  readonly severity: 'problem' | 'warning'
  /** The keys involved; if one of them is invalid by itself, the finding is dropped. */
  readonly about: readonly string[]
}

type Rule = (settings: Settings, inKubernetes: boolean) => readonly (Finding | undefined)[]

/** Contradicting times, sizes and addresses. */
export function checkRelations(settings: Settings, inKubernetes: boolean): readonly Finding[] {
  const rules: readonly Rule[] = [
    groupTimes,
    fetches,
    drains,
    addresses,
    commits,
    deadLetters,
    formats,
    attempts,
  ]
  return rules
    .flatMap((rule) => rule(settings, inKubernetes))
    .filter((finding) => finding !== undefined)
}

const groupTimes: Rule = ({ kafka }) => {
  const { heartbeatInterval: heartbeat, sessionTimeout: session } = kafka
  const about = ['kafka.heartbeatInterval', 'kafka.sessionTimeout']
  const value = formatDuration(heartbeat)
  const limit = `kafka.sessionTimeout = ${formatDuration(session)}`
  const remedy = `write at most ${formatDuration(Math.floor(session / 3))}, or raise kafka.sessionTimeout`
  return [
    heartbeat >= session
      ? problem(about, value, `is not below ${limit}: the group would remove the member`, remedy)
      : heartbeat * 3 > session
        ? warning(
            about,
            value,
            `is above a third of ${limit}: a few lost heartbeats would end the session`,
            remedy,
          )
        : undefined,
    session < 6000
      ? warning(
          ['kafka.sessionTimeout'],
          formatDuration(session),
          'is below the 6s that brokers allow by default (group.min.session.timeout.ms)',
          'write 6s or more, unless your brokers allow less',
        )
      : undefined,
  ]
}

const fetches: Rule = ({ kafka: { fetch, requestTimeout }, flow, decode }) => [
  fetch.maxWait >= requestTimeout
    ? problem(
        ['kafka.fetch.maxWait', 'kafka.requestTimeout'],
        formatDuration(fetch.maxWait),
        `is not below kafka.requestTimeout = ${formatDuration(requestTimeout)}: every idle fetch would time out`,
        'lower it, or raise kafka.requestTimeout',
      )
    : undefined,
  fetch.maxBytes < fetch.maxBytesPerPartition
    ? problem(
        ['kafka.fetch.maxBytes', 'kafka.fetch.maxBytesPerPartition'],
        String(fetch.maxBytes),
        `is below kafka.fetch.maxBytesPerPartition = ${fetch.maxBytesPerPartition}`,
        'raise it, or lower kafka.fetch.maxBytesPerPartition',
      )
    : undefined,
  fetch.minBytes > fetch.maxBytes
    ? problem(
        ['kafka.fetch.minBytes', 'kafka.fetch.maxBytes'],
        String(fetch.minBytes),
        `is above kafka.fetch.maxBytes = ${fetch.maxBytes}`,
        'lower it',
      )
    : undefined,
  flow.queue.maxBytesPerPartition < 1024 ** 2
    ? warning(
        ['flow.queue.maxBytesPerPartition'],
        String(flow.queue.maxBytesPerPartition),
        'is below 1MiB, and a single record can be that large: the partition would pause after each',
        'write 1MiB or more',
      )
    : undefined,
  decode.maxMessageBytes < 1024 ** 2
    ? warning(
        ['decode.maxMessageBytes'],
        String(decode.maxMessageBytes),
        'is below 1MiB, and a single record can be that large: it would become a dead letter',
        'write 1MiB or more',
      )
    : undefined,
]

const drains: Rule = ({ flow, kafka, http }) => [
  flow.rebalanceDrain >= kafka.rebalanceTimeout
    ? problem(
        ['flow.rebalanceDrain', 'kafka.rebalanceTimeout'],
        formatDuration(flow.rebalanceDrain),
        `is not below kafka.rebalanceTimeout = ${formatDuration(kafka.rebalanceTimeout)}: the group would continue without this member`,
        'lower it, or raise kafka.rebalanceTimeout',
      )
    : undefined,
  http.livenessMaxAge <= Math.max(flow.rebalanceDrain, kafka.requestTimeout)
    ? warning(
        ['http.livenessMaxAge', 'flow.rebalanceDrain', 'kafka.requestTimeout'],
        formatDuration(http.livenessMaxAge),
        'is not above flow.rebalanceDrain and kafka.requestTimeout: a slow broker would look like a hung process',
        'raise it',
      )
    : undefined,
]

const addresses: Rule = ({ kafka: { brokers } }, inKubernetes) => {
  const local = brokers.find((broker) => /^(localhost|127\.|\[::1\])/.test(broker))
  if (!inKubernetes || local === undefined) return []
  return [
    warning(
      ['kafka.brokers'],
      JSON.stringify(local),
      'is this pod itself when running in Kubernetes',
      'write the DNS name of the Service: kafka.<namespace>.svc.cluster.local:9092',
    ),
  ]
}

const commits: Rule = ({ commit }) => [
  commit.mode === 'record'
    ? warning(
        ['commit.mode'],
        '"record"',
        'commits after each record, and brokers push back when commits come too often',
        'use interval, unless the topic is slow; nothing is lost either way',
      )
    : undefined,
]

/** A service that consumes its own dead letters would loop forever. */
const deadLetters: Rule = ({ kafka: { topics }, deadLetters: { target, kafka } }) => {
  if (target !== 'kafka' || kafka.brokers !== undefined) return []
  const own = topics.filter((topic) => topics.includes(kafka.topic.replaceAll('{topic}', topic)))
  return own.map((topic) =>
    problem(
      ['deadLetters.kafka.topic', 'kafka.topics'],
      JSON.stringify(kafka.topic),
      `puts dead letters of ${topic} into a topic that is consumed (kafka.topics)`,
      'name another topic, or do not consume that one',
    ),
  )
}

/**
 * Protocol Buffers topics need a schema and the name of a message, unless a registry has both; Avro
 * topics a schema. None can be read as JSON.
 */
const formats: Rule = ({ kafka: { topics }, decode }) => {
  const { schemas } = decode.protobuf
  const hasRegistry = decode.registry.url !== undefined
  const misplaced = decode.topics.flatMap(({ pattern, format, message, schema }) => [
    ...(message !== undefined && format !== 'protobuf'
      ? [{ pattern, format, key: 'message', own: 'protobuf' }]
      : []),
    ...(schema !== undefined && format !== 'avro'
      ? [{ pattern, format, key: 'schema', own: 'avro' }]
      : []),
  ])
  return [
    ...topics.map((topic) => {
      const rule = decode.topics.find(({ pattern }) => matchesTopic(pattern, topic))
      const isKnown = messageTopics.some((name) => name === topic)
      const found = (message: string, remedy: string) =>
        problem(['decode.topics', 'kafka.topics'], JSON.stringify(topic), message, remedy)
      if (rule?.format === 'avro' && rule.schema === undefined && !hasRegistry) {
        return found(
          'is read as Avro and has no schema',
          "add schema: FILE to the topic's rule, or set decode.registry.url",
        )
      }
      if (rule?.format === 'protobuf') {
        if (hasRegistry) return undefined
        if (schemas === undefined) {
          return found('is read as Protocol Buffers and has no schema', MOUNT)
        }
        if (rule.message !== undefined || isKnown) return undefined
        return found(
          'is read as Protocol Buffers, and nothing says which message it holds',
          "add message: package.Message to the topic's rule",
        )
      }
      const isRead = isKnown && schemas !== undefined && rule === undefined
      if (!topic.endsWith('.proto') || isRead || (rule?.format ?? 'json') !== 'json') {
        return undefined
      }
      return found(
        'holds Protocol Buffers according to its name and has no schema: read as JSON, none of its records could be decoded',
        isKnown
          ? `${schemas === undefined ? MOUNT : 'remove its rule'}, or add {pattern: '${topic}', format: raw}`
          : `${schemas === undefined ? `${MOUNT}; ` : ''}add {pattern: '${topic}', format: protobuf, message: package.Message}, or format: raw`,
      )
    }),
    ...misplaced.map(({ pattern, format, key, own }) =>
      problem(
        ['decode.topics'],
        JSON.stringify(pattern),
        `has a ${key}, and format: ${format}, which has none`,
        `write format: ${own}, or remove the ${key}`,
      ),
    ),
  ]
}

const MOUNT = 'mount its .proto files, and name their folder in decode.protobuf.schemas'

const attempts: Rule = ({ retry, circuit, processing }) => [
  retry.maxBackoff < retry.backoff
    ? problem(
        ['retry.maxBackoff', 'retry.backoff'],
        formatDuration(retry.maxBackoff),
        `is below retry.backoff = ${formatDuration(retry.backoff)}`,
        'raise it, or lower retry.backoff',
      )
    : undefined,
  circuit.maxProbeAfter < circuit.probeAfter
    ? problem(
        ['circuit.maxProbeAfter', 'circuit.probeAfter'],
        formatDuration(circuit.maxProbeAfter),
        `is below circuit.probeAfter = ${formatDuration(circuit.probeAfter)}`,
        'raise it, or lower circuit.probeAfter',
      )
    : undefined,
  processing.maxInFlight <= circuit.failures
    ? problem(
        ['processing.maxInFlight', 'circuit.failures'],
        String(processing.maxInFlight),
        `is not above circuit.failures = ${circuit.failures}: a partition would stop before its handler's outage is noticed`,
        'raise it, or lower circuit.failures',
      )
    : undefined,
]

export function problem(about: string[], value: unknown, message: string, remedy: string): Finding {
  return finding('problem', about, value, message, remedy)
}

export function warning(about: string[], value: unknown, message: string, remedy: string): Finding {
  return finding('warning', about, value, message, remedy)
}

/** The finding is printed under the first key; a text value is shown unchanged. */
function finding(
  severity: Finding['severity'],
  about: readonly string[],
  value: unknown,
  message: string,
  remedy: string,
): Finding {
  const key = about[0] ?? ''
  const shown = typeof value === 'string' ? value : showValue(key, value)
  return { severity, about, key, value: shown, message, remedy }
}
