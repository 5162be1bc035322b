import { filledIn } from '../../kernel/alerts.ts'
import { forgetOldest } from '../../kernel/forget-oldest.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { asJson, assetKey, toAlertEvent, wordsOf } from './event.ts'
import { createHeldBack } from './held-back.ts'
import type { AlertEvent, AlertMeter, EventRule, SendAlert } from './types.ts'
import { createWindows, type Figures } from './windows.ts'

/** A rule of events at work, in one process. */
export interface EventAlerts {
  /**
   * Resolves when the event needs no more: to true if its alert was taken, to false if it is none, or
   * held back. Rejects with the error of the sink; the event may be offered again.
   */
  take(value: unknown): Promise<boolean>
  /** Says what was held back and is due; call it about once a second. Rejects with the sink's error. */
  tick(): Promise<void>
  /** Says all that is held back, at the end. */
  flush(): Promise<void>
}

/** What was found when an event became an alert. */
interface Found {
  readonly figures: Figures | null
  readonly saidAt: string
}

/** Events whose alerts say the same again. */
const MAX_FOUND = 10_000

/** @param durationText of milliseconds: `10m` */
export function createEventAlerts(
  rule: EventRule,
  send: SendAlert,
  { clock, meter, durationText }: EventAlertParts,
): EventAlerts {
  const windows = rule.window === null ? null : createWindows(rule.window)
  const heldBack = createHeldBack(rule.cooldown)
  const within = durationText(rule.window?.within ?? 0)
  /**
   * By event, the oldest first. While a sink takes nothing, the window moves on without the event that
   * filled it; and what was taken is told from another alert by its content.
   */
  const found = new Map<string, Found>()
  let digests = 0
  let saying: Promise<void> = Promise.resolve()

  /** Null: it is no alert. */
  function find(key: string, event: AlertEvent): Found | null {
    const known = found.get(event.id)
    if (known !== undefined) return known
    // One time far ahead would make every event that follows an old one.
    const time = Math.min(event.time, clock.now() + (rule.window?.within ?? 0))
    const figures = windows?.add(key, { ...event, time }) ?? null
    if (windows !== null && figures === null) return null
    const made = { figures, saidAt: new Date(clock.now()).toISOString() }
    found.set(event.id, made)
    forgetOldest(found, MAX_FOUND)
    return made
  }

  function alertOf(event: AlertEvent, key: string, { figures, saidAt }: Found) {
    const words = { ...wordsOf(event), ...figures, rule: rule.name, key: shown(event, key), within }
    // Without a window or a cooldown, each is an incident of its own.
    const isOwn = windows === null && rule.cooldown === 0
    return {
      rule: rule.name,
      state: 'firing' as const,
      incident: `${rule.name}/${isOwn ? event.id : key}`,
      key,
      message: filledIn(rule.message, words),
      time: saidAt,
      event: asJson(event),
    }
  }

  /** One after the other: what is being said at the end is not due once more. */
  function say(now: () => number): Promise<void> {
    const said = saying.then(() => sayDue(now()))
    saying = said.catch(() => {})
    return said
  }

  async function sayDue(now: number): Promise<void> {
    for (const { key, held } of heldBack.due(now)) {
      digests += 1
      const of = key === '' ? '' : ` of ${key}`
      await send(`${rule.name}/digest/${clock.now()}/${digests}`, {
        ...{ rule: rule.name, state: 'digest', incident: `${rule.name}/${key}`, key, held },
        message: `${rule.name}: ${held} more${of} in ${durationText(rule.cooldown)}`,
        time: new Date(clock.now()).toISOString(),
      })
      meter.sent += 1
      heldBack.said(key, clock.monotonic())
    }
  }

  function keyOf(event: AlertEvent): string {
    const whose = { rule: '', from: event.from ?? '', to: event.to ?? '', asset: '' }[rule.per]
    // Amounts of two assets have no sum.
    const isOfAsset = rule.per === 'asset' || rule.window?.sum !== undefined
    return [whose, isOfAsset ? assetKey(event) : ''].filter((part) => part !== '').join('/')
  }

  function shown({ asset }: AlertEvent, key: string): string {
    if (key === '') return 'all'
    return rule.per === 'asset' && asset !== null && asset.symbol !== '' ? asset.symbol : key
  }

  return {
    async take(value) {
      const event = toAlertEvent(value)
      if (clock.now() - event.timestamp > rule.maxAge) {
        meter.old += 1
        return false
      }
      const key = keyOf(event)
      const made = find(key, event)
      if (made === null) return false
      const alert = alertOf(event, key, made)
      const became = await heldBack.offer(key, event.id, clock.monotonic(), () =>
        send(`${rule.name}/${event.id}`, alert),
      )
      meter[became] += 1
      return became === 'sent'
    },
    tick: () => say(clock.monotonic),
    flush: () => say(() => Number.POSITIVE_INFINITY),
  }
}

export interface EventAlertParts {
  readonly clock: Clock
  readonly meter: AlertMeter
  durationText(milliseconds: number): string
}
