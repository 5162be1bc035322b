import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, named } from './definition.ts'

/** Counters of a rule of `alerts`: the fields of its meter. */
export const alertCounters = {
  sent: {
    name: 'onchain_consumer_alerts_sent_total',
    unit: 'alerts',
    help: 'Alerts, their ends and digests that the sink of the rule has taken.',
  },
  held: {
    name: 'onchain_consumer_alerts_held_total',
    unit: 'alerts',
    help: 'Alerts that were held back by the `cooldown` of the rule; digests say how many.',
  },
  old: {
    name: 'onchain_consumer_alerts_old_total',
    unit: 'events',
    help: 'Events that said nothing, because their records were older than `maxAge` of the rule, or are part of a replay.',
  },
} as const satisfies CounterTable

/** Counted per rule. */
export const alertMetrics: readonly MetricDefinition[] = metricsOf(
  alertCounters,
  ['alert'],
  ({ meters }) => named('alert', meters.alerts),
)
