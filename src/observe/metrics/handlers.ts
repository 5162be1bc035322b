import { BUCKETS } from '../meters/buckets.ts'
import type { HandlerMeter, Meters } from '../types.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, named, perMeterHistogram, perMeterKey } from './definition.ts'

const labels = ['handler']
const handlerMeters = (meters: Meters) => named('handler', meters.handlers)

/** Counters of a handler: the fields of its meter. */
export const handlerCounters = {
  timeouts: {
    name: 'onchain_consumer_handler_timeouts_total',
    unit: 'calls',
    help: 'Calls that took longer than `handlers[].timeout`.',
  },
  inFlight: {
    name: 'onchain_consumer_handler_in_flight_messages',
    type: 'gauge',
    unit: 'messages',
    help: 'Messages that a handler was called with and has not answered; with worker threads, as of the last second.',
  },
  waiting: {
    name: 'onchain_consumer_handler_waiting_messages',
    type: 'gauge',
    unit: 'messages',
    help: 'Messages that wait for their turn, because of `handlers[].concurrency` or `handlers[].maxRecordsPerSecond`; with worker threads, as of the last second.',
  },
  hanging: {
    name: 'onchain_consumer_handler_hanging_calls',
    type: 'gauge',
    unit: 'calls',
    help: 'Calls that continue after their timeout, although their signal was aborted: their records wait.',
  },
} as const satisfies CounterTable

/** Counted for a handler by its name. */
export const handlerMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_handler_outcomes_total',
    type: 'counter',
    unit: 'messages',
    labels: ['handler', 'outcome'],
    help: 'Outcomes of a handler, for each message: `ok`, `skip`, `retry` and `later` of its calls, and `dead`: dead letters that were kept for it, because it asked for them or failed too often.',
    read: perMeterKey('outcome', handlerMeters, ({ outcomes }) => outcomes),
  },
  {
    name: 'onchain_consumer_handler_skips_total',
    type: 'counter',
    unit: 'messages',
    labels: ['handler', 'reason'],
    help: 'Messages that a handler did not handle: `filtered` (no event passed its filters) and `duplicate` (handled before), without a call; and the reasons it gave to `context.skip`: the first 20 texts, then `other`. A text of these names has `handler: ` before it.',
    read: perMeterKey('reason', handlerMeters, ({ skips }) => skips),
  },
  ...metricsOf(handlerCounters, labels, ({ meters }) => handlerMeters(meters)),
  {
    name: 'onchain_consumer_stray_errors_total',
    type: 'counter',
    unit: 'errors',
    labels: ['handler', 'kind'],
    help: 'Errors outside the promise of a handler: `rejection` of a promise that nobody awaits, `exception` in a timer or for an `error` event. An empty handler means that the handler is unknown.',
    read: perMeterKey<Pick<HandlerMeter, 'strays'>>(
      'kind',
      (meters) => [[{ handler: '' }, meters.process], ...handlerMeters(meters)],
      ({ strays }) => strays,
    ),
  },
  {
    name: 'onchain_consumer_handler_call_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.handle,
    help: 'Duration of one call of a handler, for one message or for a batch.',
    read: perMeterHistogram(handlerMeters, ({ callSeconds }) => callSeconds),
  },
]
