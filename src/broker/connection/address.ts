import { OccError } from '../../kernel/errors.ts'

export interface LinkTarget {
  /** IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

/**
 * Reads `host:port` or `[v6]:port`.
 * @throws OccError OCC_BROKER_ADDRESS
 */
export function parseAddress(text: string): LinkTarget {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host !== undefined && port > 0 && port < 65_536) return { host, port }
  throw new OccError(
    'OCC_BROKER_ADDRESS',
    `"${text}" is not a broker address; write host:port, or [address]:port for IPv6`,
  )
}

export function formatAddress({ host, port }: LinkTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Encodes an address for kafkajs, which splits its brokers at the first colon and so breaks IPv6.
 * `[::1]:9092` becomes `[~~1]:9092`, which no real host name looks like. Our socket factory, which
 * opens all connections, decodes it.
 */
export function toKafkajsAddress(text: string): string {
  const { host, port } = parseAddress(text)
  return host.includes(':') ? `[${host.replaceAll(':', '~')}]:${port}` : text
}

/** Decodes the host that kafkajs wants to connect to. */
export function fromKafkajsHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1).replaceAll('~', ':') : host
}
