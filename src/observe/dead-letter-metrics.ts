import { BUCKETS } from './buckets.ts'
import type { MetricDefinition } from './metric-definition.ts'

const labels = ['target']

/** Counted per target of dead letters; a service has one. */
export const deadLetterMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_dead_letters_kept_total',
    type: 'counter',
    unit: 'letters',
    labels,
    help: 'Dead letters that the target has acknowledged. A record that fails again after a crash counts again.',
    read: ({ meters }) =>
      Array.from(meters.deadLetters, ([target, { kept }]) => ({ labels: { target }, value: kept })),
  },
  {
    name: 'onchain_consumer_dead_letters_fallback_total',
    type: 'counter',
    unit: 'letters',
    labels,
    help: 'Dead letters that the target did not take because of what they are, and `deadLetters.fallback` did: they are in a folder of this pod.',
    read: ({ meters }) =>
      Array.from(meters.deadLetters, ([target, { fallback }]) => ({
        labels: { target },
        value: fallback,
      })),
  },
  {
    name: 'onchain_consumer_dead_letters_waiting',
    type: 'gauge',
    unit: 'letters',
    labels,
    help: 'Dead letters that the target has not acknowledged, between two attempts as well. While it stays above 0, their partitions wait.',
    read: ({ meters }) =>
      Array.from(meters.deadLetters, ([target, { waiting }]) => ({
        labels: { target },
        value: waiting,
      })),
  },
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
