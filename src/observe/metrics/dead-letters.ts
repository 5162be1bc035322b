import { BUCKETS } from '../meters/buckets.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import type { MetricDefinition } from './definition.ts'

const labels = ['target']

/** Counted for a target of dead letters: the fields of its meter. */
export const deadLetterCounters = {
  kept: {
    name: 'onchain_consumer_dead_letters_kept_total',
    unit: 'letters',
    help: 'Dead letters that the target has acknowledged. A record that fails again after a crash counts again.',
  },
  fallback: {
    name: 'onchain_consumer_dead_letters_fallback_total',
    unit: 'letters',
    help: 'Dead letters that the target did not take because of what they are, and `deadLetters.fallback` did: they are in a folder of this pod.',
  },
  waiting: {
    name: 'onchain_consumer_dead_letters_waiting',
    type: 'gauge',
    unit: 'letters',
    help: 'Dead letters that the target has not acknowledged, between two attempts as well. While it stays above 0, their partitions wait.',
  },
} as const satisfies CounterTable

/** Counted per target of dead letters; a service has one. */
export const deadLetterMetrics: readonly MetricDefinition[] = [
  ...metricsOf(deadLetterCounters, labels, ({ meters }) =>
    Array.from(meters.deadLetters, ([target, meter]) => [{ target }, meter] as const),
  ),
  {
    name: 'onchain_consumer_dead_letter_errors_total',
    type: 'counter',
    unit: 'attempts',
    labels: ['target', 'code'],
    help: 'Attempts to keep a dead letter that failed; each is tried again.',
    read: ({ meters }) =>
      Array.from(meters.deadLetters).flatMap(([target, { errors }]) =>
        Array.from(errors, ([code, value]) => ({ labels: { target, code }, value })),
      ),
  },
  {
    name: 'onchain_consumer_dead_letter_keep_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.commit,
    help: 'Time until the target acknowledged a dead letter.',
    read: ({ meters }) =>
      Array.from(meters.deadLetters, ([target, { keepSeconds }]) => ({
        labels: { target },
        histogram: keepSeconds.snapshot(),
      })),
  },
]
