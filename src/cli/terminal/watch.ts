import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { durationOf } from '../arguments.ts'
import type { Io } from './io.ts'

/** Cursor to the top, and everything below it away. */
const CLEAR = '\x1b[H\x1b[J'

/** Milliseconds between two looks of `--watch`, at least: a look asks all brokers or services. */
const MIN_INTERVAL = 100

/** The value of `--interval`; throws OCC_USAGE. */
export function intervalOf(text = '2s'): number {
  return durationOf('--interval', text, MIN_INTERVAL)
}

/**
 * Prints what `draw` makes, again and again until the signal aborts: in place on a terminal. An
 * error is printed in its place, and the next time may succeed; the first one is thrown, because it
 * is usually a mistake.
 * @param pause milliseconds between two
 */
export async function watch(
  { stdout }: Pick<Io, 'stdout'>,
  pause: number,
  signal: AbortSignal,
  draw: () => Promise<string>,
): Promise<void> {
  const isLive = stdout.isTTY === true
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const text = await draw().catch((error) => {
      if (isFirst) throw error
      return messageOf(error)
    })
    if (signal.aborted) return
    stdout.write(isLive ? `${CLEAR}${cutTo(stdout.rows, text)}\n` : `${text}\n`)
    await sleep(pause, signal)
  }
}

/** What the screen has no lines for would push its beginning out of it. */
function cutTo(rows: number | undefined, text: string): string {
  const lines = text.split('\n')
  const room = (rows ?? 0) - 1
  if (room < 2 || lines.length <= room) return text
  const more = lines.length - room + 1
  return [...lines.slice(0, room - 1), `... and ${more} more lines: make the window higher`].join(
    '\n',
  )
}
