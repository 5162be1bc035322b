import { type LookupAddress, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { OccError } from '../../kernel/errors.ts'

/** IANA's special-purpose ranges that are not reached over the internet, and multicast. */
const V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16'],
  ...['172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15'],
  ...['198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4'],
]
/** Also Teredo, 6to4 and `::ffff:0:0:0`, which carry an IPv4 address of anybody's choice. */
const V6 = [
  ...['::/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', '100::/64', '2001::/23', '2001:db8::/32'],
  ...['2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
]
/** NAT64: the last 32 bits are an IPv4 address. */
const NAT64 = '64:ff9b::'

const ranges = new BlockList()
for (const [net, bits] of V4.map(parts)) {
  ranges.addSubnet(net, bits, 'ipv4')
  ranges.addSubnet(`${NAT64}${net}`, 96 + bits, 'ipv6')
}
for (const [net, bits] of V6.map(parts)) ranges.addSubnet(net, bits, 'ipv6')

function parts(range: string): readonly [net: string, bits: number] {
  const [net = '', bits] = range.split('/')
  return [net, Number(bits)]
}

/** Whether an IP address is loopback, link-local, private, or otherwise not of the internet. */
export function isPrivateAddress(address: string): boolean {
  return ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Resolves a name for a connection, and leaves out private addresses. The connection goes to what
 * this returns, so a name that resolves to something else a moment later changes nothing.
 */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, found: LookupAddress[] = []) => {
    if (error !== null) return callback(error, [])
    const open = found.filter(({ address }) => !isPrivateAddress(address))
    const [first] = open
    if (first === undefined) {
      return callback(refused(host, found.map(({ address }) => address).join(', ')), [])
    }
    if (options.all) callback(null, open)
    else callback(null, first.address, first.family)
  })
}

/** Throws OCC_WEBHOOK_ADDRESS for a URL whose host is a private address: it is never looked up. */
export function refusePrivateHost(url: URL): void {
  const host = bareHost(url)
  if (isIP(host) !== 0 && isPrivateAddress(host)) throw refused(host, host)
}

/** Rejects with OCC_WEBHOOK_ADDRESS if a connection to the host would be refused now. */
export async function refusePrivate(url: URL): Promise<void> {
  refusePrivateHost(url)
  if (isIP(bareHost(url)) !== 0) return
  await new Promise<void>((resolve, reject) => {
    publicLookup(url.hostname, { all: true }, (error) => {
      if (error === null) resolve()
      else reject(error)
    })
  })
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function refused(host: string, address: string): OccError {
  const where = host === address ? host : `${host} (${address})`
  return new OccError(
    'OCC_WEBHOOK_ADDRESS',
    `${where} is an address of a private network, and no webhook is sent there. Remedy: correct the URL, or set allowPrivate: true for a receiver of your own network`,
    { retriable: true },
  )
}
