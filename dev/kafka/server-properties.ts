import type { BrokerCertificatePaths } from './certificate-files.ts'
import type { KafkaUser } from './types.ts'

export interface ListenerPlan {
  /** Kafka's name of the listener, for example SASL_SSL_SAN. */
  readonly name: string
  readonly protocol: 'PLAINTEXT' | 'SASL_SSL'
  readonly bind: string
  readonly host: string
  readonly port: number
  /** Key and certificate the listener shows, for SASL_SSL. */
  readonly keyStore?: string
}

export interface ServerPlan {
  readonly dataFolder: string
  readonly listeners: readonly ListenerPlan[]
  readonly controllerPort: number
  readonly certificates: BrokerCertificatePaths
  /** Those PLAIN knows; the SCRAM credentials are written when the data folder is formatted. */
  readonly users: readonly KafkaUser[]
  readonly authorizer: boolean
  readonly overrides: Readonly<Record<string, string>>
}

type Properties = Record<string, string>

/** The whole server.properties of a broker that is its own controller, as text. */
export function serverProperties(plan: ServerPlan): string {
  const all = {
    ...IDENTITY,
    ...SMALL_AND_QUICK,
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

/** What the data folder's format depends on; ports are not among it. */
export const IDENTITY: Readonly<Properties> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'inter.broker.listener.name': 'PLAINTEXT',
}

const SMALL_AND_QUICK: Readonly<Properties> = {
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  // Retention works within a second, so that a test can watch data being lost to it.
  'log.retention.check.interval.ms': '1000',
  'log.initial.task.delay.ms': '1000',
  'log.segment.delete.delay.ms': '1000',
  'log.cleaner.dedupe.buffer.size': '4194304',
  // After a kill the controller lets the same broker in again only when its session is over.
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
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
  const controller = `127.0.0.1:${plan.controllerPort}`
  const properties: Properties = {
    'controller.quorum.voters': `1@${controller}`,
    listeners: [...bound, `CONTROLLER://${controller}`].join(','),
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

/** `host:port`, with the brackets that an IPv6 address needs. */
export function address(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
