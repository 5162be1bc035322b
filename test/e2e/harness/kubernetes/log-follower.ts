import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import type { LogLine } from '../account.ts'

export type { LogLine } from '../account.ts'

export interface LogSource {
  readonly pod: string
  /** The whole log of the container that runs now, and what follows. */
  open(): Promise<IncomingMessage>
}

/**
 * Hands on each line of a container's log once, until the container has ended. When the connection
 * breaks before, it is read again and the lines that were seen are skipped.
 */
export async function followLog(
  source: LogSource,
  onLine: (line: LogLine) => void,
  isRunning: () => boolean,
): Promise<void> {
  let seen = 0
  do {
    try {
      const response = await source.open()
      if (response.statusCode !== 200) throw new Error(await text(response))
      let count = 0
      for await (const line of createInterface({ input: response, crlfDelay: Infinity })) {
        count += 1
        if (count <= seen) continue
        seen = count
        const parsed = parse(line, source.pod)
        if (parsed !== undefined) onLine(parsed)
      }
    } catch {
      // Cut off, or not to be had yet.
    }
    if (isRunning()) await sleep(300)
  } while (isRunning())
}

/** Not everything is JSON: Node's own warnings, or a configuration mistake. */
function parse(line: string, pod: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return { ...JSON.parse(line), pod }
  } catch {
    return undefined
  }
}
