import { alertKind, isOfEvents } from '../../config/check/alerts.ts'
import type { Config } from '../../config/types.ts'
import { alertMessages, alertSink, ruleOfSink } from '../../kernel/alerts.ts'
import { eventKinds } from '../../kernel/shapes/event-kind.ts'
import type { AlertRule, EventRule, WindowRule } from '../../sink/alerts/types.ts'

export type AlertConfig = Config['alerts'][number]
type HandlerConfig = Config['handlers'][number]

const HOUR = 3_600_000

const MESSAGES = 500

/**
 * Messages that a handler without code sends to this sink in one call. They are finished together,
 * so after a crash they come again together: few where each is a request or a message to people.
 */
export function messagesAtOnce({ sinks }: Config, name: string): number {
  if (ruleOfSink(name) !== null) return 1
  const sink = sinks[name]
  return sink?.type === 'webhook' && sink.batch.values === 1 ? sink.concurrency : MESSAGES
}

/**
 * The handlers of the configuration, and one without code for each rule of events: so an offset
 * waits for the alert.
 */
export function handlersOf({ handlers, alerts }: Config): readonly HandlerConfig[] {
  return [...handlers, ...alerts.filter(isOfEvents).map(handlerOf)]
}

function handlerOf({ name, topics, filter }: AlertConfig): HandlerConfig {
  return {
    ...{ name, topics, sink: alertSink(name), each: 'event', group: 'shared', options: {} },
    // A superseded block passes every filter, and is no event of this kind.
    filter: { kinds: eventKinds.filter((kind) => kind !== 'reorg'), ...filter },
    // Its sink limits its own time, and its pace may be one a second.
    timeout: HOUR,
  }
}

export function alertRule(alert: AlertConfig): AlertRule {
  const kind = alertKind(alert)
  const { name, message = alertMessages[kind] } = alert
  return { name, kind, message, cooldown: alert.cooldown ?? windowOf(alert)?.within ?? 0 }
}

export function eventRule(alert: AlertConfig): EventRule {
  const { per = 'rule', maxAge = HOUR } = alert
  return { ...alertRule(alert), per, maxAge, window: windowOf(alert) }
}

function windowOf({ count, sum, failedShare }: AlertConfig): WindowRule | null {
  if (count !== undefined) return { within: count.within, count: count.atLeast }
  if (sum !== undefined) return { within: sum.within, sum: sum.atLeast }
  return failedShare === undefined ? null : { within: failedShare.within, share: failedShare }
}
