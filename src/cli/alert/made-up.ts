import { type AlertConfig, alertRule } from '../../app/alerts/alert-rules.ts'
import { isOfEvents } from '../../config/check/alerts.ts'
import { filledIn } from '../../kernel/alerts.ts'
import { formatDuration } from '../../kernel/text/units.ts'
import { asJson, toAlertEvent, wordsOf } from '../../sink/alerts/event.ts'
import type { Alert } from '../../sink/alerts/types.ts'

/** A transfer that nobody made. */
function transfer(topic: string, now: number): object {
  return {
    ...{ id: 'MadeUpSignature:0', chain: 'solana', kind: 'transfer', success: true, time: now },
    from: 'MadeUpSender1111111111111111111111111111111',
    to: 'MadeUpReceiver11111111111111111111111111111',
    asset: {
      address: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
      ...{ symbol: 'USDC', decimals: 6 },
    },
    amount: 1_234_567_890_000n,
    ...{ topic, partition: 0, offset: 0, timestamp: now },
  }
}

/**
 * An alert of the rule, whether it would say it or not.
 * @param value an event as a handler without code emits it; undefined: a made-up one
 */
export function alertAbout(
  alert: AlertConfig,
  value: unknown,
  topic: string,
  now: number,
): Alert & { readonly id: string } {
  const rule = alertRule(alert)
  const isOfEvent = isOfEvents(alert)
  const event = isOfEvent ? toAlertEvent(value ?? transfer(topic, now)) : null
  const words = event === null ? { topic, ...limits(alert) } : { ...wordsOf(event), ...sums(alert) }
  const text = filledIn(rule.message, { ...words, rule: rule.name, key: 'all' })
  return {
    // Never the id of a real one, which its receiver would leave out then.
    id: `${rule.name}/test/${now}`,
    ...{ rule: rule.name, state: 'firing', incident: `${rule.name}/test`, key: 'test' },
    message: `[test] ${text}`,
    time: new Date(now).toISOString(),
    ...(event !== null && { event: asJson(event) }),
  }
}

function sums({ count, sum, failedShare }: AlertConfig): Record<string, string> {
  const within = formatDuration((count ?? sum ?? failedShare)?.within ?? 0)
  return {
    ...{ within, sum: sum?.atLeast ?? '-' },
    count: String(count?.atLeast ?? failedShare?.least ?? 2),
    share: `${Math.round((failedShare?.above ?? 0) * 100)} %`,
  }
}

function limits({ silence, lag, headroom, deadLetters }: AlertConfig): Record<string, string> {
  const duration = silence ?? headroom
  const limit = duration === undefined ? (lag ?? deadLetters?.atLeast) : formatDuration(duration)
  return { value: String(limit), limit: String(limit) }
}
