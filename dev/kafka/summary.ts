import type { EmbeddedNode } from './cluster-types.ts'
import type { EmbeddedKafka, KafkaListeners } from './types.ts'

/** Connection data as an aligned table. */
export function summary(kafka: EmbeddedKafka, seconds: string): string {
  const several = kafka.nodes.length > 1
  const { bootstrap, credentials, admin, certificates } = kafka
  const rows: Array<readonly [string, string]> = [
    ...(several ? [['bootstrap', bootstrap.join(',')] as const] : []),
    ...kafka.nodes.flatMap((node) => nodeRows(node, several)),
    ['user', `${credentials.username} / ${credentials.password}`],
    ['administrator', `${admin.username} / ${admin.password}`],
    ['mechanisms', 'SCRAM-SHA-512, SCRAM-SHA-256, PLAIN'],
    ['CA certificate', certificates.ca],
    ['client certificate', certificates.clientCertificate],
    ['client key', certificates.clientKey],
    ['data', kafka.folder],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  const table = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')
  const example = `node_modules/.bin/node dev/kafka/java/tools-main.ts topics --bootstrap-server ${bootstrap.join(',')} --list`
  return `Apache Kafka is up after ${seconds} s:\n\n${table}\n\n  ${example}\n\nCtrl-C stops it and removes its data.`
}

function nodeRows(node: EmbeddedNode, several: boolean): Array<readonly [string, string]> {
  const { id, brokers, pid } = node
  const prefix = several ? `node ${id} ` : ''
  return [
    ...(several ? [[`${prefix}process`, String(pid())] as const] : []),
    ...listenerRows(prefix, brokers),
    ...(brokers.external === undefined
      ? []
      : listenerRows(`${prefix}advertised `, brokers.external)),
  ]
}

function listenerRows(prefix: string, listeners: KafkaListeners): Array<readonly [string, string]> {
  return [
    [`${prefix}plaintext`, listeners.plaintext],
    [`${prefix}SASL_SSL, certificate without SAN`, listeners.saslSsl],
    [`${prefix}SASL_SSL, certificate with SAN`, listeners.saslSslSan],
  ]
}
