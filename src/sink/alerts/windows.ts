import { parseUnits } from '../../kernel/amounts.ts'
import { amountText } from './event.ts'
import type { AlertEvent, WindowRule } from './types.ts'

/** What a window has to say, once it has enough. */
export type Figures = Readonly<Record<'count' | 'sum' | 'share', string>>

/** The events of a time, by key. */
export interface Windows {
  /** Adds the event; one that is there already changes nothing. Null: not enough yet. */
  add(key: string, event: AlertEvent): Figures | null
}

interface Entry {
  readonly time: number
  readonly amount: bigint
  readonly failed: boolean
}

/** Of one key. */
interface Window {
  readonly entries: Map<string, Entry>
  /** The newest time of an event, and at the last look for old ones. */
  newest: number
  lookedAt: number
  sum: bigint
  failed: number
}

/** Events that one rule remembers; beyond it, those of the keys without an event for longest go. */
const MAX_EVENTS = 100_000
/** How many go at once: to look for the oldest takes a while. */
const FORGOTTEN = 10_000
/** A window of more events is looked through only this many times in its length. */
const SMALL = 1_000
const LOOKS = 100

/** Times are those of the events, so a stream that comes late is counted as one that is on time. */
export function createWindows(rule: WindowRule): Windows {
  const windows = new Map<string, Window>()
  let events = 0

  function windowOf(key: string): Window {
    const never = Number.NEGATIVE_INFINITY
    const window = windows.get(key) ?? {
      ...{ entries: new Map(), newest: never, lookedAt: never, sum: 0n, failed: 0 },
    }
    windows.delete(key)
    windows.set(key, window)
    return window
  }

  function count(window: Window, { amount, failed }: Entry, sign: 1 | -1): void {
    events += sign
    window.sum += sign === 1 ? amount : -amount
    window.failed += failed ? sign : 0
  }

  function remove(window: Window, id: string, entry: Entry): void {
    window.entries.delete(id)
    count(window, entry, -1)
  }

  function prune(window: Window): void {
    const { entries, newest, lookedAt } = window
    if (entries.size > SMALL && newest - lookedAt < rule.within / LOOKS) return
    window.lookedAt = newest
    for (const [id, entry] of entries) {
      if (entry.time <= newest - rule.within) remove(window, id, entry)
    }
  }

  function forget(): void {
    for (const [key, window] of windows) {
      for (const [id, entry] of window.entries) {
        if (events <= MAX_EVENTS - FORGOTTEN) return
        remove(window, id, entry)
      }
      windows.delete(key)
    }
  }

  return {
    add(key, event) {
      const amount = rule.sum === undefined ? 0n : summable(event)
      if (amount === null) return null
      const window = windowOf(key)
      if (!window.entries.has(event.id)) {
        const entry = { time: event.time, amount, failed: !event.success }
        window.entries.set(event.id, entry)
        count(window, entry, 1)
      }
      window.newest = Math.max(window.newest, event.time)
      prune(window)
      if (events > MAX_EVENTS) forget()
      return judge(window, event)
    },
  }

  function judge({ entries, sum, failed }: Window, event: AlertEvent): Figures | null {
    const total = entries.size
    const share = failed / Math.max(1, total)
    if (!isEnough(total, sum, share, event)) return null
    return {
      count: String(total),
      sum: amountText(sum, event.asset),
      share: `${Math.round(share * 100)} %`,
    }
  }

  function isEnough(count: number, sum: bigint, share: number, { asset }: AlertEvent): boolean {
    if (rule.count !== undefined) return count >= rule.count
    if (rule.share !== undefined) return count >= rule.share.least && share > rule.share.above
    const least = parseUnits(rule.sum ?? '', asset?.decimals ?? 0)
    return least !== undefined && sum >= least
  }
}

/** Null: without decimals nobody knows how much it is. */
function summable({ amount, asset }: AlertEvent): bigint | null {
  return amount === null || asset === null || asset.decimals === null ? null : amount
}
