import { messageOf } from '../../kernel/errors.ts'
import type { Flags } from '../arguments.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { intervalOf, watch } from '../terminal/watch.ts'
import type { statusFlags } from './flags.ts'
import { type Reached, type Service, withServices } from './reach.ts'
import { readService } from './status-reading.ts'
import { statusText } from './status-text.ts'

/** Prints how each service does: once, or again and again. */
export async function status(flags: Flags<typeof statusFlags>, io: Io): Promise<number> {
  const interval = intervalOf(flags.interval)
  const { signal, release } = interruptSignal(io)
  let areAllReady = true

  /** The pods of a release are looked up each time: they come and go. */
  function draw(): Promise<string> {
    return withServices(flags, { services: 'all', token: false }, io, all)
  }

  async function all({ services, silent }: Reached): Promise<string> {
    const texts = await Promise.all([
      ...services.map(one),
      ...silent.map(({ name, reason }) => failed(name, `${name} ${reason}`)),
    ])
    return texts.join(flags.json === undefined ? '\n\n' : '\n')
  }

  /** A service that does not answer hides no other. */
  async function one({ name, url }: Service): Promise<string> {
    try {
      const view = { ...(await readService(url)), url: name }
      areAllReady &&= view.ready
      if (flags.json === undefined) return statusText(view, io)
      // Whoever wants all of it as JSON asks for /api/v1/status.
      const { overview: _, ...facts } = view
      return JSON.stringify(facts)
    } catch (error) {
      return failed(name, messageOf(error).replace(url.origin, name))
    }
  }

  function failed(name: string, text: string): string {
    areAllReady = false
    return flags.json === undefined ? text : JSON.stringify({ url: name, error: text })
  }

  try {
    if (flags.watch !== undefined) await watch(io, interval, signal, draw)
    else io.stdout.write(`${await draw()}\n`)
    return areAllReady || flags.watch !== undefined ? 0 : 1
  } finally {
    release()
  }
}
