import { sleep } from '../../../src/kernel/lifecycle.ts'
import type { ProduceOptions } from './production.ts'
import type { Scene } from './scene.ts'

const INTERVAL = 500

/**
 * Keeps this many records waiting, however fast they are handled: the lag lasts for as long as a
 * scenario needs it, on any machine, and is soon gone afterwards. Resolves when they are there, with
 * what ends it.
 */
export async function keepBacklog(
  { account, produce, undo }: Scene,
  count: number,
  options: Pick<ProduceOptions, 'work'> = {},
): Promise<() => Promise<void>> {
  const ended = new AbortController()
  await produce({ ...options, count, prefix: 'backlog' })

  async function fill(): Promise<void> {
    for (let round = 1; !ended.signal.aborted; round++) {
      const gone = count - account.missing()
      if (gone > 0) await produce({ ...options, count: gone, prefix: `backlog-${round}` })
      await sleep(INTERVAL, ended.signal)
    }
  }

  const filling = fill()
  filling.catch(() => {})
  const end = () => {
    ended.abort()
    return filling
  }
  undo.push('backlog', end)
  return end
}
