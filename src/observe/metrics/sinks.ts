import { BUCKETS } from '../meters/buckets.ts'
import type { Meters } from '../types.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, named, perMeterHistogram, perMeterKey } from './definition.ts'

const labels = ['sink']
const sinkMeters = (meters: Meters) => named('sink', meters.sinks)

/** Counters of a sink: the fields of its meter. */
export const sinkCounters = {
  values: {
    name: 'onchain_consumer_sink_values_total',
    unit: 'values',
    help: 'Values that the sink has acknowledged. A list that is emitted to PostgreSQL is one value.',
  },
  rows: {
    name: 'onchain_consumer_sink_rows_total',
    unit: 'rows',
    help: 'Rows that PostgreSQL has acknowledged, repeated ones included.',
  },
  statements: {
    name: 'onchain_consumer_sink_statements_total',
    unit: 'statements',
    help: 'Statements with which PostgreSQL got them: rows divided by statements is the size of a batch.',
  },
  requests: {
    name: 'onchain_consumer_sink_requests_total',
    unit: 'requests',
    help: 'Requests of a webhook, whatever their answer.',
  },
  fallback: {
    name: 'onchain_consumer_sink_fallback_total',
    unit: 'values',
    help: 'Values that the sink refused and its `fallback` took. They are among its errors, too.',
  },
  waiting: {
    name: 'onchain_consumer_sink_waiting',
    type: 'gauge',
    unit: 'values',
    help: 'Values that the sink has not acknowledged yet.',
  },
  up: {
    name: 'onchain_consumer_sink_up',
    type: 'gauge',
    unit: 'boolean',
    help: '1 after a write or the check at the start succeeded, 0 after one failed for another reason than the value: records that need the sink wait.',
  },
} as const satisfies CounterTable

/** Counted per sink of the configuration. */
export const sinkMetrics: readonly MetricDefinition[] = [
  ...metricsOf(sinkCounters, labels, ({ meters }) => sinkMeters(meters)),
  {
    name: 'onchain_consumer_sink_errors_total',
    type: 'counter',
    unit: 'values',
    labels: ['sink', 'code'],
    help: 'Values that the sink did not take, by the code of the error.',
    read: perMeterKey('code', sinkMeters, ({ errors }) => errors),
  },
  {
    name: 'onchain_consumer_sink_write_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.commit,
    help: 'Time until the sink acknowledged a value, waiting for others of its batch included.',
    read: perMeterHistogram(sinkMeters, ({ writeSeconds }) => writeSeconds),
  },
]
