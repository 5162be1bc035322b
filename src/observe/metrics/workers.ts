import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, perKey } from './definition.ts'

/** Counters of the worker threads: the fields of their meter. */
export const workerCounters = {
  workers: {
    name: 'onchain_consumer_workers',
    type: 'gauge',
    unit: 'threads',
    help: 'Current number of worker threads.',
  },
  inWorkers: {
    name: 'onchain_consumer_workers_active',
    type: 'gauge',
    unit: '0 or 1',
    help: '1 while records are handled in worker threads, 0 while they are handled in the main thread.',
  },
  moves: {
    name: 'onchain_consumer_worker_moves_total',
    unit: 'times',
    help: 'Number of times `processing.workers: auto` switched between worker threads and the main thread; the log says why.',
  },
  utilization: {
    name: 'onchain_consumer_worker_utilization',
    type: 'gauge',
    unit: 'share, 0 to 1',
    help: 'Share of the last second in which the worker threads were busy, averaged over them.',
  },
  waiting: {
    name: 'onchain_consumer_worker_waiting_batches',
    type: 'gauge',
    unit: 'batches',
    help: 'Batches of records that wait for a free worker thread.',
  },
  bytesInFlight: {
    name: 'onchain_consumer_worker_in_flight_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Size of the records that were sent to worker threads and are not answered yet.',
  },
} as const satisfies CounterTable

/** The threads that handle records, if `processing.workers` sets any. */
export const workerMetrics: readonly MetricDefinition[] = [
  ...metricsOf(workerCounters, [], ({ meters }) => [[{}, meters.workers]]),
  {
    name: 'onchain_consumer_workers_replaced_total',
    type: 'counter',
    unit: 'threads',
    labels: ['reason'],
    help: 'Worker threads that ended and were replaced: `died` (exit, uncaught error, out of memory), `hung` (no answer).',
    read: perKey('reason', ({ meters }) => meters.workers.replaced),
  },
]
