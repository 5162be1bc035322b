import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { CodedError } from '../../../src/kernel/errors.ts'

// Below the ports that Linux and macOS use for outgoing connections: a client's connection could
// take a broker's port from that range while the broker is down, and its restart would fail. 30000
// and up are Kubernetes node ports.
const LOWEST = 20_000
const HIGHEST = 29_999

/**
 * Distinct unused ports, for servers that must name their port in advance.
 * @throws OccError OCC_NO_FREE_PORT
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>()
  for (let attempt = 0; attempt < 200 && found.size < count; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1)
    if (!found.has(port) && (await isFree(port))) found.add(port)
  }
  if (found.size < count) {
    throw new CodedError(
      'OCC_NO_FREE_PORT',
      `found no ${count} free ports between ${LOWEST} and ${HIGHEST}: end what occupies them`,
      { retriable: true },
    )
  }
  return [...found]
}

/** Whether that port is free now, on all interfaces. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port)
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    if (server.listening) {
      server.close()
      await once(server, 'close')
    }
  }
}
