import { type MetricDefinition, one, perKey } from './metric-definition.ts'

/** The threads that handle records, where `processing.workers` wants any. */
export const workerMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_workers',
    type: 'gauge',
    unit: 'threads',
    labels: [],
    help: 'Worker threads that are there now.',
    read: one(({ meters }) => meters.workers.workers),
  },
  {
    name: 'onchain_consumer_workers_active',
    type: 'gauge',
    unit: '0 or 1',
    labels: [],
    help: '1 while records are handled in worker threads, 0 while in the main thread.',
    read: one(({ meters }) => meters.workers.inWorkers),
  },
  {
    name: 'onchain_consumer_worker_moves_total',
    type: 'counter',
    unit: 'times',
    labels: [],
    help: 'Times that `processing.workers: auto` changed over between the two; the log says why.',
    read: one(({ meters }) => meters.workers.moves),
  },
  {
    name: 'onchain_consumer_worker_utilization',
    type: 'gauge',
    unit: 'share, 0 to 1',
    labels: [],
    help: 'Share of the last second that the worker threads were busy, their mean.',
    read: one(({ meters }) => meters.workers.utilization),
  },
  {
    name: 'onchain_consumer_worker_waiting_batches',
    type: 'gauge',
    unit: 'batches',
    labels: [],
    help: 'Batches of records for which no worker thread has room.',
    read: one(({ meters }) => meters.workers.waiting),
  },
  {
    name: 'onchain_consumer_worker_in_flight_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Records that were sent to worker threads and are not answered.',
    read: one(({ meters }) => meters.workers.bytesInFlight),
  },
  {
    name: 'onchain_consumer_workers_replaced_total',
    type: 'counter',
    unit: 'threads',
    labels: ['reason'],
    help: 'Worker threads that ended and were replaced: `died` (exit, uncaught error, out of memory), `hung` (no answer).',
    read: perKey('reason', ({ meters }) => meters.workers.replaced),
  },
]
