import { messageOf } from '../../kernel/errors.ts'
import type { Flags } from '../arguments.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { intervalOf, watch } from '../terminal/watch.ts'
import type { statusFlags } from './flags.ts'
import { serviceUrls } from './request.ts'
import { readService } from './status-reading.ts'
import { statusText } from './status-text.ts'

/** Prints how each service does: once, or again and again. */
export async function status(flags: Flags<typeof statusFlags>, io: Io): Promise<number> {
  const urls = serviceUrls(flags.url)
  const interval = intervalOf(flags.interval)
  const { signal, release } = interruptSignal(io)
  let areAllReady = true

  async function draw(): Promise<string> {
    const texts = await Promise.all(urls.map(one))
    return texts.join(flags.json === undefined ? '\n\n' : '\n')
  }

  /** A service that does not answer hides no other. */
  async function one(url: URL): Promise<string> {
    try {
      const view = await readService(url)
      areAllReady &&= view.ready
      return flags.json === undefined ? statusText(view, io) : JSON.stringify(view)
    } catch (error) {
      areAllReady = false
      const text = messageOf(error)
      return flags.json === undefined ? text : JSON.stringify({ url: url.origin, error: text })
    }
  }

  try {
    if (flags.watch !== undefined) await watch(io, interval, signal, draw)
    else io.stdout.write(`${await draw()}\n`)
    return areAllReady || flags.watch !== undefined ? 0 : 1
  } finally {
    release()
  }
}
