import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** Resolves with the port of a service when its log says that it listens; rejects if the log ends before. */
export async function listeningPort(log: Readable): Promise<number> {
  let found: number | undefined
  for await (const line of createInterface({ input: log })) {
    const { event, port } = JSON.parse(line)
    if (event !== 'http.listening') continue
    found = port
    break
  }
  if (found === undefined) throw new Error('the service has ended before it listened')
  // Nobody reads the rest, and the service must not wait for that.
  log.resume()
  return found
}
