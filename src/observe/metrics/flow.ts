import type { CircuitStatus, GroupLoad, ServiceStatus } from '../status-types.ts'
import {
  groupLabel,
  type MetricDefinition,
  one,
  perPartition,
  type ScalarDefinition,
} from './definition.ts'

const perPartitionLabels = ['topic', 'partition', 'group']

/** One value for each group of the process. */
function perGroup(value: (load: GroupLoad) => number): ScalarDefinition['read'] {
  return ({ status: { load } }) =>
    (load.groups ?? [load]).map((each: GroupLoad) => ({
      labels: groupLabel(each),
      value: value(each),
    }))
}

function handlersOf({ circuits }: ServiceStatus): CircuitStatus[] {
  return circuits.filter(({ topic }) => topic === null)
}

/** Records in flight, records that wait for a retry, and the state of circuits. */
export const flowMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_in_flight',
    type: 'gauge',
    unit: 'records or batches',
    labels: ['group'],
    help: 'Pieces of work that handlers are working on. If it stays at onchain_consumer_concurrency, raise `processing.concurrency`.',
    read: perGroup(({ inFlight }) => inFlight),
  },
  {
    name: 'onchain_consumer_concurrency',
    type: 'gauge',
    unit: 'records or batches',
    labels: ['group'],
    help: 'Max pieces of work at the same time (`processing.concurrency`).',
    read: perGroup(({ concurrency }) => concurrency),
  },
  {
    name: 'onchain_consumer_buffered_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Bytes that are queued or in flight, over all partitions.',
    read: one(({ status }) => status.load.bufferedBytes),
  },
  {
    name: 'onchain_consumer_buffer_limit_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: [],
    help: 'Limit of onchain_consumer_buffered_bytes (`flow.maxBytes`). A batch that grows in decompression can exceed it for a while.',
    read: one(({ status }) => status.load.maxBytes),
  },
  {
    name: 'onchain_consumer_circuit_open',
    type: 'gauge',
    unit: '0 or 1',
    labels: ['handler', 'group'],
    help: '1 while the handler gets no records, because it failed too often in a row or an operator paused it. Its partitions wait.',
    read: ({ status }) =>
      handlersOf(status).map((circuit) => ({
        labels: { handler: circuit.handler, ...groupLabel(circuit) },
        value: Number(circuit.state !== 'closed'),
      })),
  },
  {
    name: 'onchain_consumer_circuit_openings_total',
    type: 'counter',
    unit: 'times',
    labels: ['handler', 'group'],
    help: 'Number of times the circuit of the handler opened.',
    read: ({ status }) =>
      handlersOf(status).map((circuit) => ({
        labels: { handler: circuit.handler, ...groupLabel(circuit) },
        value: circuit.openings,
      })),
  },
  {
    name: 'onchain_consumer_decode_held',
    type: 'gauge',
    unit: '0 or 1',
    labels: ['topic'],
    help: '1 while the partitions of the topic wait because none of its newest records can be decoded: their format is not the one in `decode.topics`.',
    read: ({ status: { partitions, circuits } }) =>
      [...new Set(partitions.map(({ topic }) => topic))].map((topic) => ({
        labels: { topic },
        value: Number(circuits.some((one) => one.topic === topic && one.state === 'open')),
      })),
  },
  {
    name: 'onchain_consumer_partition_window_records',
    type: 'gauge',
    unit: 'records',
    labels: perPartitionLabels,
    help: 'Records from the oldest unfinished one to the newest one taken: those that are handled again after a crash. At most `processing.maxInFlight`.',
    read: perPartition((partition) => partition.windowRecords),
  },
  {
    name: 'onchain_consumer_partition_window_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels: perPartitionLabels,
    help: 'Size of the records that were taken from the queue and are not finished.',
    read: perPartition((partition) => partition.windowBytes),
  },
  {
    name: 'onchain_consumer_partition_oldest_in_flight_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: perPartitionLabels,
    help: 'Time since the longest unfinished record was taken from the queue; 0 when there is none.',
    read: perPartition(({ oldestTakenAt }, { monotonic }) =>
      oldestTakenAt === null ? 0 : Math.max(0, monotonic - oldestTakenAt) / 1000,
    ),
  },
  {
    name: 'onchain_consumer_partition_retrying_records',
    type: 'gauge',
    unit: 'records',
    labels: perPartitionLabels,
    help: 'Records that wait for their next attempt.',
    read: perPartition((partition) => partition.retrying),
  },
  {
    name: 'onchain_consumer_partition_behind_retries_ratio',
    type: 'gauge',
    unit: '0 to 1',
    labels: perPartitionLabels,
    help: 'Share of the last minute in which records waited behind one that waits for its next attempt, with order `partition`. Orders `key` and `none` let them pass.',
    read: perPartition((partition) => partition.behindRetries),
  },
  {
    name: 'onchain_consumer_partition_suspect_records',
    type: 'gauge',
    unit: 'records',
    labels: perPartitionLabels,
    help: 'Records that were set aside, because their handler has not succeeded with any record since they failed: bad records, or an outage.',
    read: perPartition((partition) => partition.suspects),
  },
  {
    name: 'onchain_consumer_partition_stuck_records',
    type: 'gauge',
    unit: 'records',
    labels: perPartitionLabels,
    help: 'Records whose handler does not answer and ignores its abort signal.',
    read: perPartition((partition) => partition.stuck),
  },
]
