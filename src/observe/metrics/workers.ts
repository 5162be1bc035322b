import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, perKey } from './definition.ts'

/** Of the worker threads: the fields of their meter. */
export const workerCounters = {
  workers: {
    name: 'onchain_consumer_workers',
    type: 'gauge',
    unit: 'threads',
    help: 'Worker threads that are there now.',
  },
  inWorkers: {
    name: 'onchain_consumer_workers_active',
    type: 'gauge',
    unit: '0 or 1',
    help: '1 while records are handled in worker threads, 0 while in the main thread.',
  },
  moves: {
    name: 'onchain_consumer_worker_moves_total',
    unit: 'times',
    help: 'Times that `processing.workers: auto` changed over between the two; the log says why.',
  },
  utilization: {
    name: 'onchain_consumer_worker_utilization',
    type: 'gauge',
    unit: 'share, 0 to 1',
    help: 'Share of the last second that the worker threads were busy, their mean.',
  },
  waiting: {
    name: 'onchain_consumer_worker_waiting_batches',
    type: 'gauge',
    unit: 'batches',
    help: 'Batches of records for which no worker thread has room.',
  },
  bytesInFlight: {
    name: 'onchain_consumer_worker_in_flight_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'Records that were sent to worker threads and are not answered.',
  },
} as const satisfies CounterTable

/** The threads that handle records, where `processing.workers` wants any. */
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
