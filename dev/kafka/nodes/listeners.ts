import { CodedError } from '../../../src/kernel/errors.ts'
import type { BrokerCertificatePaths } from '../certificate-files.ts'
import type { KafkaListeners, KafkaOptions } from '../types.ts'
import { freePorts, isFree } from './ports.ts'
import { address, type ListenerPlan } from './server-properties.ts'

const SET = 3

export interface ListenersPlan {
  readonly listeners: readonly ListenerPlan[]
  readonly controllerPort: number
  readonly brokers: KafkaListeners & { readonly external?: KafkaListeners }
}

/**
 * Assigns an address to each listener of each node: three on 127.0.0.1, and three more if
 * `advertise` is given.
 * @throws OccError OCC_KAFKA_PORT, OCC_NO_FREE_PORT
 */
export async function planListeners(
  options: Pick<KafkaOptions, 'port' | 'advertise'>,
  certificates: BrokerCertificatePaths,
  nodes: number,
): Promise<ListenersPlan[]> {
  const { advertise } = options
  const count = advertise === undefined ? SET + 1 : 2 * SET + 1
  const all = count * nodes
  const ports =
    options.port === undefined ? await freePorts(all) : await portsFrom(options.port, all)
  return Array.from({ length: nodes }, (_, index) =>
    nodeListeners(advertise, certificates, ports.slice(index * count, (index + 1) * count)),
  )
}

function nodeListeners(
  advertise: KafkaOptions['advertise'],
  certificates: BrokerCertificatePaths,
  ports: readonly number[],
): ListenersPlan {
  const local = listenerSet('', '127.0.0.1', 'localhost', ports, certificates)
  const controllerPort = ports.at(-1) ?? 0
  if (advertise === undefined) {
    return { listeners: local, controllerPort, brokers: addresses(local) }
  }
  const { host, bind = host } = advertise
  const external = listenerSet('EXTERNAL_', bind, host, ports.slice(SET), certificates)
  return {
    listeners: [...local, ...external],
    controllerPort,
    brokers: { ...addresses(local), external: addresses(external) },
  }
}

function listenerSet(
  prefix: string,
  bind: string,
  host: string,
  ports: readonly number[],
  certificates: BrokerCertificatePaths,
): ListenerPlan[] {
  const [plaintext = 0, saslSsl = 0, saslSslSan = 0] = ports
  const at = { bind, host }
  const tls = { ...at, protocol: 'SASL_SSL' as const }
  const { serverWithoutSan, serverWithSan } = certificates
  return [
    { ...at, name: `${prefix}PLAINTEXT`, protocol: 'PLAINTEXT', port: plaintext },
    { ...tls, name: `${prefix}SASL_SSL`, port: saslSsl, keyStore: serverWithoutSan },
    { ...tls, name: `${prefix}SASL_SSL_SAN`, port: saslSslSan, keyStore: serverWithSan },
  ]
}

function addresses(listeners: readonly ListenerPlan[]): KafkaListeners {
  const [plaintext = '', saslSsl = '', saslSslSan = ''] = listeners.map(({ host, port }) =>
    address(host, port),
  )
  return { plaintext, saslSsl, saslSslSan }
}

async function portsFrom(first: number, count: number): Promise<number[]> {
  const ports = Array.from({ length: count }, (_, index) => first + index)
  for (const port of ports) {
    if (port > 0 && port < 65_536 && (await isFree(port))) continue
    throw new CodedError(
      'OCC_KAFKA_PORT',
      `port ${port} cannot be used: the embedded Kafka takes ${count} ports from ${first} on; ` +
        'choose another first port, or none to use free ports',
    )
  }
  return ports
}
