import {
  type AlertKind,
  alertKinds,
  alertPlaceholders,
  placeholdersIn,
} from '../../kernel/alerts.ts'
import { nearest, noneCalled } from '../../kernel/text/suggest.ts'
import { formatDuration } from '../../kernel/text/units.ts'
import { matchesAnyTopic } from '../../kernel/topic-pattern.ts'
import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'

type Alert = Settings['alerts'][number]
/** The keys that say what a rule is about. */
type Kinds = Readonly<Pick<Alert, Exclude<AlertKind, 'event'>>>
type Complaint = readonly [key: keyof Alert, value: unknown, message: string, remedy: string]

/** What the rule is about: the key that says so, or each event. */
export function alertKind(alert: Kinds): AlertKind {
  return alertKinds.find((kind) => kind !== 'event' && alert[kind] !== undefined) ?? 'event'
}

/** Whether its records are handled for it; the others look at the service. */
export function isOfEvents(alert: Kinds): boolean {
  return ['event', 'count', 'sum', 'failedShare'].includes(alertKind(alert))
}

/** Contradictions within `alerts`, and between it and other keys. */
export function checkAlerts(settings: Settings): readonly Finding[] {
  return settings.alerts.flatMap((alert, index) =>
    complaintsOf(alert, index, settings).map(([key, value, message, remedy]) =>
      problem([`alerts[${index}].${key}`, 'alerts', 'sinks'], value, message, remedy),
    ),
  )
}

function complaintsOf(alert: Alert, index: number, settings: Settings): Complaint[] {
  const { sinks } = settings
  const found: Complaint[] = [...names(alert, index, settings), ...kinds(alert), ...words(alert)]
  if (!Object.hasOwn(sinks, alert.to)) {
    const why = noneCalled('sink', alert.to, Object.keys(sinks)).replace(/\.$/, '')
    found.push(['to', alert.to, `is not one of sinks: ${why}`, 'add it under sinks'])
  } else if (sinks[alert.to]?.type === 'postgres') {
    const message = 'is of type postgres, which takes rows'
    found.push(['to', alert.to, message, 'name a sink of type webhook, kafka, file or log'])
  }
  const { interval } = settings.lag
  if (alert.silence !== undefined && alert.silence < interval) {
    const value = formatDuration(alert.silence)
    const message = `is below lag.interval = ${formatDuration(interval)}, which is how often offsets are read`
    found.push(['silence', value, message, 'write a longer time, or lower lag.interval'])
  }
  const { topics } = settings.kafka
  if (!topics.some((topic) => matchesAnyTopic(alert.topics, topic))) {
    const message = `matches none of kafka.topics (${topics.join(', ')}): the rule would never say anything`
    const remedy = 'correct the pattern, or remove the rule'
    found.push(['topics', alert.topics.join(', '), message, remedy])
  }
  return found
}

/** A rule of events is a handler, with the name of the rule. */
function names({ name }: Alert, index: number, { alerts, handlers }: Settings): Complaint[] {
  const isTwice = alerts.some((other, at) => at < index && other.name === name)
  const isHandler = handlers.some((handler) => (handler.name ?? handler.sink) === name)
  if (!isTwice && !isHandler) return []
  const message = isTwice ? 'is the name of two rules' : 'is the name of a handler, too'
  return [['name', name, message, 'rename one']]
}

const SETS_BY_EVENTS = ['filter', 'per', 'maxAge'] as const

function kinds(alert: Alert): Complaint[] {
  const kind = alertKind(alert)
  const others = alertKinds.filter(
    (other) => other !== 'event' && other !== kind && alert[other] !== undefined,
  )
  const found: Complaint[] = others.flatMap((other) =>
    other === 'event'
      ? []
      : [[other, undefined, `stands beside ${kind}`, 'make two rules, with two names'] as const],
  )
  if (kind === 'failedShare' && alert.filter?.success !== undefined) {
    const message = `has success, and failedShare counts both`
    found.push(['filter', undefined, message, 'remove filter.success'])
  }
  if (isOfEvents(alert)) return found
  for (const key of SETS_BY_EVENTS) {
    if (alert[key] === undefined) continue
    found.push([key, undefined, `is for events, and ${kind} is about the service`, 'remove it'])
  }
  return found
}

/** A misspelt placeholder would be a `-` in the alert that somebody waits for. */
function words(alert: Alert): Complaint[] {
  const known = alertPlaceholders[alertKind(alert)]
  return placeholdersIn(alert.message ?? '')
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = nearest(name, known)
      const hint = meant === undefined ? '' : `. Did you mean {{${meant}}}?`
      const remedy = `write one of ${known.join(', ')}`
      return ['message', alert.message, `has {{${name}}}, which does not exist${hint}`, remedy]
    })
}
