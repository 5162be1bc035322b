import { OccError } from '../../kernel/errors.ts'

export interface LinkTarget {
  /** An IPv6 address has no brackets here. */
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
    `"${text}" is no broker address; write host:port, or [address]:port for IPv6`,
  )
}

export function formatAddress({ host, port }: LinkTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * kafkajs takes its first brokers as text and cuts it at the first colon, which leaves `[` of an
 * IPv6 address. So it is given `[~~1]:9092` for `[::1]:9092`: no host has such a name, and our
 * socket factory, which makes all of its connections, turns it back.
 */
export function toKafkajsAddress(text: string): string {
  const { host, port } = parseAddress(text)
  return host.includes(':') ? `[${host.replaceAll(':', '~')}]:${port}` : text
}

/** The host to connect to, of the one that kafkajs asks for. */
export function fromKafkajsHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1).replaceAll('~', ':') : host
}
