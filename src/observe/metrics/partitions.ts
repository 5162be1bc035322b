import { type MetricDefinition, perPartition } from './definition.ts'

const labels = ['topic', 'partition', 'group']

/** Read from the status at each scrape, so that a revoked partition leaves no stale series. */
export const partitionMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_partition_lag_records',
    type: 'gauge',
    unit: 'records',
    labels,
    help: 'Records not yet committed: end offset minus committed offset.',
    read: perPartition((partition) => partition.lag),
  },
  {
    name: 'onchain_consumer_partition_oldest_unprocessed_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels,
    help: 'Lag as time: age of the oldest unfinished record, or since when it waits here if it is dated ahead; 0 when caught up. Compare it with the retention of the topic.',
    read: perPartition(({ oldestUnprocessedTime, caughtUp }, { now }) => {
      if (oldestUnprocessedTime === null) return caughtUp ? 0 : null
      return Math.max(0, now - oldestUnprocessedTime) / 1000
    }),
  },
  {
    name: 'onchain_consumer_partition_retention_headroom_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels,
    help: 'Time until retention.ms of the topic lets the brokers delete unprocessed records: data loss. Left out if this user may not read it, or if records are kept forever.',
    read: perPartition(({ retentionHeadroom: headroom }) =>
      headroom === null || headroom === undefined ? null : headroom / 1000,
    ),
  },
  {
    name: 'onchain_consumer_partition_end_offset',
    type: 'gauge',
    unit: 'offset',
    labels,
    help: 'End offset (high watermark): the offset the next produced record will get.',
    read: perPartition((partition) => partition.endOffset),
  },
  {
    name: 'onchain_consumer_partition_committed_offset',
    type: 'gauge',
    unit: 'offset',
    labels,
    help: 'Committed offset: where consumption would resume.',
    read: perPartition((partition) => partition.committedOffset),
  },
  {
    name: 'onchain_consumer_partition_position_offset',
    type: 'gauge',
    unit: 'offset',
    labels,
    help: 'Position: the next offset to be fetched.',
    read: perPartition((partition) => partition.position),
  },
  {
    name: 'onchain_consumer_partition_queue_records',
    type: 'gauge',
    unit: 'records',
    labels,
    help: 'Records fetched and waiting to be handled, according to the headers of their batches.',
    read: perPartition((partition) => partition.queueRecords),
  },
  {
    name: 'onchain_consumer_partition_queue_bytes',
    type: 'gauge',
    unit: 'bytes',
    labels,
    help: 'Size of what is fetched and waiting to be handled: batches as fetched, and the remaining records of the current batch.',
    read: perPartition((partition) => partition.queueBytes),
  },
  {
    name: 'onchain_consumer_partition_in_flight_records',
    type: 'gauge',
    unit: 'records',
    labels,
    help: 'Records being handled.',
    read: perPartition((partition) => partition.inFlight),
  },
  {
    name: 'onchain_consumer_partition_paused',
    type: 'gauge',
    unit: '0 or 1',
    labels,
    help: '1 while fetching is paused, because the partition holds its share of the memory or an operator paused it.',
    read: perPartition((partition) => Number(partition.paused)),
  },
  {
    name: 'onchain_consumer_partition_problem',
    type: 'gauge',
    unit: 'always 1',
    labels: [...labels, 'reason'],
    help: '1 while the partition cannot be fetched, with the reason: no-leader, unknown-topic, not-authorized, storage-error, broker-unreachable, corrupt, offset or other. /lag has the details. Absent when it can be fetched.',
    read: ({ partitions }) =>
      partitions.flatMap(([labels, { problem }]) =>
        problem === null ? [] : [{ labels: { ...labels, reason: problem.reason }, value: 1 }],
      ),
  },
  {
    name: 'onchain_consumer_partition_blocked_by_transaction',
    type: 'gauge',
    unit: 'records',
    labels,
    help: 'Records that cannot be read because of an open transaction, once all others have been read; 0 when there are none.',
    read: perPartition(({ blockedByTransaction }) => blockedByTransaction?.records ?? 0),
  },
  {
    name: 'onchain_consumer_partition_blocked_by_transaction_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels,
    help: 'How long the same open transaction has blocked records from being read. Minutes mean that a producer hangs.',
    read: perPartition(({ blockedByTransaction: blocked }, { now }) =>
      blocked === null ? 0 : Math.max(0, now - blocked.since) / 1000,
    ),
  },
  {
    name: 'onchain_consumer_partition_replay_records',
    type: 'gauge',
    unit: 'records',
    labels,
    help: 'Records that are still to be handled once more, because an operator set the offset back; 0 when there are none.',
    read: perPartition(({ replay, committedOffset }) =>
      replay === null ? 0 : Math.max(0, replay.to - (committedOffset ?? replay.from)),
    ),
  },
  {
    name: 'onchain_consumer_partition_caught_up',
    type: 'gauge',
    unit: '0 or 1',
    labels,
    help: '1 once the position has reached the end of the readable records: the end offset, or an open transaction.',
    read: perPartition((partition) => Number(partition.caughtUp)),
  },
]
