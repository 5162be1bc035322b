import { lookup } from 'node:dns/promises'
import { isIPv6 } from 'node:net'
import { messageOf } from '../../kernel/errors.ts'

/** Bytes of an answer at most. */
const MAX_ANSWER = 4 * 1024 * 1024

/**
 * `address:port` of all pods behind the names of `http.peers`, each once; from no request, so that
 * nobody can name another place.
 * @param port where a peer listens, if its name has no port @param unknown told of a name without addresses
 */
export async function peerAddresses(
  peers: readonly string[],
  port: number,
  unknown: (peer: string, why: string) => void,
): Promise<readonly string[]> {
  const found = await Promise.all(
    peers.map(async (peer) => {
      const [, name = peer, own = String(port)] = /^(.*):(\d+)$/.exec(peer) ?? []
      try {
        const all = await lookup(name, { all: true })
        return all.map(({ address }) => `${isIPv6(address) ? `[${address}]` : address}:${own}`)
      } catch (error) {
        unknown(peer, messageOf(error))
        return []
      }
    }),
  )
  return [...new Set(found.flat())]
}

/** @throws Error if the answer is larger than one of a pod is */
export async function boundedText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER) throw new Error('answers too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** What is wrong with the connection, where `fetch` says only that it failed. */
export function failureOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'does not answer in time'
  return messageOf(error instanceof Error && error.cause instanceof Error ? error.cause : error)
}
