import { sleep } from '../../../src/kernel/lifecycle.ts'
import type { Stage } from './stage.ts'

export interface Asking {
  readonly value: string
  readonly partition?: number
  /** Milliseconds. */
  readonly timestamp?: string
}

/** A record that asks for something of handler.ts; '': nothing. */
export function asking(does: string, more: object = {}): Asking {
  return { value: JSON.stringify({ does, ...more }) }
}

/** So many of them. */
export function many(count: number, does: string): Asking[] {
  return Array.from({ length: count }, () => asking(does))
}

/** A time in the past, for a record. */
export function aged(minutes: number): Pick<Asking, 'timestamp'> {
  return { timestamp: String(Date.now() - minutes * 60_000) }
}

/** Sends these once a second until the work is done. */
export async function whileSending(
  { send }: Stage,
  topic: string,
  records: readonly Asking[],
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController()
  const sending = (async () => {
    while (!over.signal.aborted) {
      await send(topic, records)
      await sleep(1_000, over.signal)
    }
  })()
  sending.catch(() => {})
  try {
    await work()
  } finally {
    over.abort()
    await sending
  }
}
