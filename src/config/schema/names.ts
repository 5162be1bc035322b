import { isIPv6 } from 'node:net'
import type { Complaint } from './fields.ts'

/** `host:port` or `[::1]:port`; the complaint says what exactly is wrong. */
export function checkBroker(broker: string): Complaint | undefined {
  if (broker.includes('://')) {
    return ['is a URL', 'write host:port without a scheme, and set kafka.securityProtocol']
  }
  if (broker.includes('@')) {
    return ['holds an @', 'write host:port, and put the user into kafka.sasl.username']
  }
  if (/^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(broker)) {
    return ['is an IPv6 address without brackets', 'write [address]:port, such as [::1]:9092']
  }
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(.*))?$/i.exec(broker)
  if (match === null) return ['is not a broker address', 'write host:port']
  const [, host = '', port] = match
  if (host.startsWith('[') && !isIPv6(host.slice(1, -1))) {
    return [
      'has an invalid IPv6 address',
      'write it in full between the brackets, such as [::1]:9092',
    ]
  }
  if (port === undefined || port === '') {
    return ['has no port', `write ${host}:9092, or the port that your brokers listen on`]
  }
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
  return isPort ? undefined : ['has an invalid port', `write ${host}: and a number from 1 to 65535`]
}

/** Kafka's rule for topic names. */
export function checkTopic(topic: string): Complaint | undefined {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(topic) && topic !== '.' && topic !== '..') return undefined
  if (/[*^$+?()[\]{}|\\]/.test(topic)) {
    return ['is a pattern and not a topic name', 'name each topic; patterns are not supported']
  }
  return [
    'is not a valid topic name',
    'use up to 249 letters, digits, dots, underscores and hyphens',
  ]
}

export function checkGroupId(groupId: string): Complaint | undefined {
  if (/^[\x21-\x7e]{1,255}$/.test(groupId)) return undefined
  return ['is not a valid group name', 'use up to 255 printable ASCII characters without spaces']
}

/** The consumer group of a handler with `group: own`. */
export function ownGroupId(groupId: string, handler: string): string {
  return `${groupId}.${handler}`
}

/** The group that has what operators paused. No handler's own group can be called so. */
export function pausesGroupId(groupId: string): string {
  return `${groupId}:pauses`
}

/** Kafka's rule for `group.instance.id`: that of topic names. */
export function checkInstanceId(name: string): Complaint | undefined {
  if (/^[a-zA-Z0-9._-]{1,240}$/.test(name)) return undefined
  return ['is not a valid name', 'use up to 240 letters, digits, dots, underscores and hyphens']
}

const STRATEGIES = ['cooperative-sticky', 'sticky', 'range', 'roundrobin']

export function checkStrategy(strategy: string): Complaint | undefined {
  if (STRATEGIES.includes(strategy)) return undefined
  return ['is not an assignment strategy', `name one of ${STRATEGIES.join(', ')}`]
}

/** Which records must not overlap or swap, from the strictest. */
export const RECORD_ORDERS = ['partition', 'key', 'none'] as const

/** A topic name in which `*` matches any characters. */
export function checkTopicPattern(pattern: string): Complaint | undefined {
  if (/^[a-zA-Z0-9._*-]{1,249}$/.test(pattern)) return undefined
  return [
    'is not a valid topic pattern',
    'write a topic name, in which * matches any characters: solana.*',
  ]
}

/** Credentials in it would be shown wherever the URL is. */
export function checkRegistryUrl(text: string): Complaint | undefined {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    return ['is not the URL of a registry', 'write https://host:port, with a path if it has one']
  }
  if (url.username === '' && url.password === '') return undefined
  return ['holds credentials', 'write them into files: username and passwordFile, or tokenFile']
}

/** A topic name that may contain `{topic}`, but is not just that: it must be another topic. */
export function checkDeadLetterTopic(pattern: string): Complaint | undefined {
  if (pattern === '{topic}') return ['is the topic itself', 'write {topic}.dlq']
  const complaint = checkTopic(pattern.replaceAll('{topic}', 'topic'))
  return complaint && ['is not a valid topic name', 'write a topic name, such as {topic}.dlq']
}

/** `table` or `schema.table`. */
export function checkTable(table: string): Complaint | undefined {
  if (/^[a-zA-Z_][a-zA-Z0-9_]{0,50}(\.[a-zA-Z_][a-zA-Z0-9_]{0,50})?$/.test(table)) return undefined
  return ['is not a valid table name', 'write letters, digits and underscores: schema.table']
}

export function checkColumn(column: string): Complaint | undefined {
  if (/^[^\0]{1,63}$/.test(column)) return undefined
  return ['is not a valid column name', 'use up to 63 characters']
}

/** A type that PostgreSQL has or a schema defines. Arrays of it are made, so it is none itself. */
export function checkColumnType(type: string): Complaint | undefined {
  if (
    /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?( [a-z]+)*( ?\(\d+(, ?-?\d+)?\))?( [a-z]+)*$/i.test(type)
  ) {
    return undefined
  }
  return [
    'is not the name of a type',
    'write one such as text, numeric, timestamptz, bytea or jsonb; a list goes into jsonb',
  ]
}

/** Names of fields, separated by dots. */
export function checkPath(path: string): Complaint | undefined {
  if (path.split('.').every((name) => name !== '')) return undefined
  return ['is not a path', 'write the names of fields with dots between them: asset.address']
}

/** Name of a handler or a sink: a metric label and a header value. */
export function checkName(name: string): Complaint | undefined {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name)) return undefined
  return ['is not a valid name', 'use up to 63 letters, digits, dots, underscores and hyphens']
}

/** Name of a Kubernetes object (a DNS subdomain). */
export function checkObjectName(name: string): Complaint | undefined {
  const isName = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)
  if (isName && name.length <= 253) return undefined
  return [
    'is not a valid name of a Kubernetes object',
    'use up to 253 lower case letters, digits, hyphens and dots, as `kubectl get` prints it',
  ]
}

/** An address that people open in a browser. */
export function checkAddress(address: string): Complaint | undefined {
  if (/^https?:\/\/[^\s#]+$/i.test(address) && URL.canParse(address)) return undefined
  return ['is not an address', 'write https://..., without #']
}

/** A host name or an IPv4 address, with or without a port. */
export function checkPeer(peer: string): Complaint | undefined {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i.test(peer)) return undefined
  return ['is not a host name', 'write name or name:port, without http://']
}
