import { BUCKETS } from './buckets.ts'
import type { MetricDefinition, ScalarDefinition } from './metric-definition.ts'
import type { HandlerMeter } from './types.ts'

const labels = ['handler']

function perHandler(value: (meter: HandlerMeter) => number): ScalarDefinition['read'] {
  return ({ meters }) =>
    Array.from(meters.handlers, ([handler, meter]) => ({
      labels: { handler },
      value: value(meter),
    }))
}

/** Counted for a handler by its name. */
export const handlerMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_handler_outcomes_total',
    type: 'counter',
    unit: 'messages',
    labels: ['handler', 'outcome'],
    help: 'What calls of a handler came to, for each message: ok, skip, retry, dead.',
    read: ({ meters }) =>
      Array.from(meters.handlers).flatMap(([handler, { outcomes }]) =>
        Object.entries(outcomes).map(([outcome, value]) => ({
          labels: { handler, outcome },
          value,
        })),
      ),
  },
  {
    name: 'onchain_consumer_handler_timeouts_total',
    type: 'counter',
    unit: 'calls',
    labels,
    help: 'Calls that took longer than `handlers[].timeout`.',
    read: perHandler((meter) => meter.timeouts),
  },
  {
    name: 'onchain_consumer_handler_hanging_calls',
    type: 'gauge',
    unit: 'calls',
    labels,
    help: 'Calls that go on although their time is over and their signal was aborted: what they have in hand waits.',
    read: perHandler((meter) => meter.hanging),
  },
  {
    name: 'onchain_consumer_stray_errors_total',
    type: 'counter',
    unit: 'errors',
    labels: ['handler', 'kind'],
    help: 'Errors outside of the promise of a handler: `rejection` of a promise that nobody awaits, `exception` in a timer or for an `error` event. With an empty handler: of none that is known.',
    read: ({ meters }) =>
      [['', meters.process] as const, ...meters.handlers].flatMap(([handler, { strays }]) =>
        Object.entries(strays).map(([kind, value]) => ({ labels: { handler, kind }, value })),
      ),
  },
  {
    name: 'onchain_consumer_handler_call_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.handle,
    help: 'Time of one call of a handler, be it for one message or for a batch.',
    read: ({ meters }) =>
      Array.from(meters.handlers, ([handler, meter]) => ({
        labels: { handler },
        histogram: meter.callSeconds.snapshot(),
      })),
  },
]
