import type { BrokerCertificatePaths } from '../certificate-files.ts'
import type { KafkaUser } from '../types.ts'

export interface ListenerPlan {
  /** Kafka's name of the listener, for example SASL_SSL_SAN. */
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SASL_SSL'
  readonly bind: string
  readonly host: string
  readonly port: number
  /** The listener's key and certificate, for SASL_SSL. */
  readonly keyStore?: string
}

export interface ControllerPlan {
  readonly id: number
  readonly port: number
}

export interface ServerPlan {
  readonly nodeId: number
  /** Number of nodes. */
  readonly nodes: number
  readonly dataFolder: string
  readonly listeners: readonly ListenerPlan[]
  /** The nodes that are also controllers. */
  readonly controllers: readonly ControllerPlan[]
  readonly certificates: BrokerCertificatePaths
  /** Users for PLAIN; the SCRAM credentials are written when the data folder is formatted. */
  readonly users: readonly KafkaUser[]
  readonly authorizer: boolean
  readonly overrides: Readonly<Record<string, string>>
}

type Properties = Record<string, string>

/** The whole server.properties of one node, as text. */
export function serverProperties(plan: ServerPlan): string {
  const all = {
    ...identity(plan),
    ...SMALL_AND_QUICK,
    ...replication(plan.nodes),
    ...(plan.nodes > 1 ? SEVERAL : {}),
    ...listenerProperties(plan),
    ...(plan.authorizer ? AUTHORIZER : {}),
    'log.dirs': plan.dataFolder,
    ...plan.overrides,
  }
  const lines = Object.entries(all).map(
    ([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}`,
  )
  return `${lines.join('\n')}\n`
}

function identity(plan: ServerPlan): Properties {
  const controls = plan.controllers.some(({ id }) => id === plan.nodeId)
  return {
    'process.roles': controls ? 'broker,controller' : 'broker',
    'node.id': String(plan.nodeId),
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
  }
}

/** One replica per node; with three nodes, writes continue after the loss of one. */
function replication(nodes: number): Properties {
  const factor = String(nodes)
  const minimum = String(Math.max(nodes - 1, 1))
  return {
    'default.replication.factor': factor,
    'min.insync.replicas': minimum,
    'offsets.topic.replication.factor': factor,
    'transaction.state.log.replication.factor': factor,
    'transaction.state.log.min.isr': minimum,
    'share.coordinator.state.topic.replication.factor': factor,
    'share.coordinator.state.topic.min.isr': minimum,
  }
}

const SMALL_AND_QUICK: Readonly<Properties> = {
  'auto.create.topics.enable': 'false',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  // Retention runs within a second, so that a test can observe data loss.
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '1000',
  'log.segment.delete.delay.ms': '1000',
  'log.cleaner.dedupe.buffer.size': '4194304',
  // After a kill the controller accepts the broker again only when its session has expired.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
}

const SEVERAL: Readonly<Properties> = {
  // Leaders move only when a node goes away or on request, never automatically.
  'auto.leader.rebalance.enable': 'false',
  // Requests to a frozen controller move to the next one soon, not after 30 s.
  'controller.socket.timeout.ms': '5000',
  'controller.quorum.election.timeout.ms': '500',
}

const AUTHORIZER: Readonly<Properties> = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
  'super.users': 'User:admin;User:ANONYMOUS',
}

function listenerProperties(plan: ServerPlan): Properties {
  const protocols = plan.listeners.map(({ name, protocol }) => `${name}:${protocol}`)
  const bound = plan.listeners.map(({ name, bind, port }) => `${name}://${address(bind, port)}`)
  const known = plan.listeners.map(({ name, host, port }) => `${name}://${address(host, port)}`)
  const voters = plan.controllers.map(({ id, port }) => `${id}@127.0.0.1:${port}`)
  const own = plan.controllers.filter(({ id }) => id === plan.nodeId)
  const controller = own.map(({ port }) => `CONTROLLER://127.0.0.1:${port}`)
  const properties: Properties = {
    'controller.quorum.voters': voters.join(','),
    listeners: [...bound, ...controller].join(','),
    'advertised.listeners': known.join(','),
    'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT'].join(','),
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN',
  }
  for (const listener of plan.listeners) {
    if (listener.keyStore === undefined) continue
    Object.assign(properties, saslSslProperties(listener.name, listener.keyStore, plan))
  }
  return properties
}

function saslSslProperties(name: string, keyStore: string, plan: ServerPlan): Properties {
  const prefix = `listener.name.${name.toLowerCase()}`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const users = plan.users.map(({ username, password }) => `user_${username}="${password}"`)
  return {
    [`${prefix}.ssl.client.auth`]: 'required',
    [`${prefix}.ssl.keystore.type`]: 'PEM',
    [`${prefix}.ssl.keystore.location`]: keyStore,
    [`${prefix}.ssl.truststore.type`]: 'PEM',
    [`${prefix}.ssl.truststore.location`]: plan.certificates.ca,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.plain.sasl.jaas.config`]: `org.apache.kafka.common.security.plain.PlainLoginModule required ${users.join(' ')};`,
  }
}

/** `host:port`, with brackets for an IPv6 address. */
export function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
