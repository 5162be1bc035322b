import { BUCKETS } from '../meters/buckets.ts'
import type { Meters } from '../types.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, named, perMeterHistogram, perMeterKey } from './definition.ts'

const labels = ['target']
const targetMeters = (meters: Meters) => named('target', meters.deadLetters)

/** Counters of a dead-letter target: the fields of its meter. */
export const deadLetterCounters = {
  kept: {
    name: 'onchain_consumer_dead_letters_kept_total',
    unit: 'letters',
    help: 'Dead letters that the target has acknowledged. A record that fails again after a crash is counted again.',
  },
  fallback: {
    name: 'onchain_consumer_dead_letters_fallback_total',
    unit: 'letters',
    help: 'Dead letters that the target rejected because of their content, and `deadLetters.fallback` kept: they are in a folder of this pod.',
  },
  waiting: {
    name: 'onchain_consumer_dead_letters_waiting',
    type: 'gauge',
    unit: 'letters',
    help: 'Dead letters that the target has not acknowledged yet, those between two attempts included. While it is above 0, their partitions wait.',
  },
} as const satisfies CounterTable

/** Counted per dead-letter target; a service has one. */
export const deadLetterMetrics: readonly MetricDefinition[] = [
  ...metricsOf(deadLetterCounters, labels, ({ meters }) => targetMeters(meters)),
  {
    name: 'onchain_consumer_dead_letter_errors_total',
    type: 'counter',
    unit: 'attempts',
    labels: ['target', 'code'],
    help: 'Failed attempts to keep a dead letter; each is retried.',
    read: perMeterKey('code', targetMeters, ({ errors }) => errors),
  },
  {
    name: 'onchain_consumer_dead_letter_keep_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.commit,
    help: 'Time until the target acknowledged a dead letter.',
    read: perMeterHistogram(targetMeters, ({ keepSeconds }) => keepSeconds),
  },
]
