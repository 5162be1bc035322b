import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

export interface TcpProxy {
  /** Where it listens. */
  readonly port: number
  /** Connections through it now. */
  readonly open: number
  /** All that there were. */
  readonly total: number
  /** Ends all of them, as a broker that dies does (a reset), or one that is stopped. Returns how many. */
  cut(how: 'reset' | 'end'): number
}

/**
 * Stands between a client and a server, and can cut what goes through it. Gone with the test.
 * @param from Port 0: any that is free.
 */
export async function startTcpProxy(
  t: TestContext,
  from: { readonly host: string; readonly port: number },
  to: { readonly host: string; readonly port: number },
): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let total = 0
  const server = createServer((client) => {
    const upstream = connect(to)
    const pair = [client, upstream] as const
    pairs.add(pair)
    total += 1
    const over = () => {
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) socket.setNoDelay(true).on('error', over).on('close', over)
    client.pipe(upstream).pipe(client)
  })
  server.listen(from.port, from.host)
  await once(server, 'listening')
  t.after(async () => {
    for (const sockets of pairs) for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return {
    port: (server.address() as AddressInfo).port,
    get open() {
      return pairs.size
    },
    get total() {
      return total
    },
    cut(how) {
      const cut = [...pairs]
      for (const [client, upstream] of cut) {
        if (how === 'reset') client.resetAndDestroy()
        else client.end()
        upstream.destroy()
      }
      return cut.length
    },
  }
}
