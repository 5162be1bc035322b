import type { BrokerOptions, MemberOptions } from './broker/types.ts'
import type { Config } from './config/types.ts'
import type { FlowOptions } from './flow/types.ts'

/** What broker/ needs of the configuration: it does not know the configuration's shape. */
export function brokerOptions({ kafka }: Config): BrokerOptions {
  return {
    brokers: kafka.brokers,
    clientId: kafka.clientId,
    security: { protocol: kafka.securityProtocol, sasl: kafka.sasl, tls: kafka.tls },
    connectionTimeout: kafka.connectionTimeout,
    requestTimeout: kafka.requestTimeout,
  }
}

export function memberOptions({ kafka, lag }: Config, name: string): MemberOptions {
  return {
    name,
    groupId: kafka.groupId,
    topics: kafka.topics,
    autoOffsetReset: kafka.autoOffsetReset,
    readUncommitted: kafka.isolationLevel === 'read_uncommitted',
    sessionTimeout: kafka.sessionTimeout,
    heartbeatInterval: kafka.heartbeatInterval,
    rebalanceTimeout: kafka.rebalanceTimeout,
    metadataMaxAge: kafka.metadataMaxAge,
    restartWindow: kafka.restartWindow,
    lagInterval: lag.interval,
    rackId: kafka.rackId,
    fetch: kafka.fetch,
  }
}

/** What flow/ needs of it. */
export function flowOptions({ flow, commit, processing, retry, circuit }: Config): FlowOptions {
  return {
    ...flow.queue,
    ...processing,
    rebalanceDrain: flow.rebalanceDrain,
    commitMode: commit.mode,
    retry,
    circuit,
  }
}
