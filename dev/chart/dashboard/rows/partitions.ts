import type { Row } from '../types.ts'

export const partitions: Row = {
  title: 'Partitions and pods',
  panels: [
    {
      title: 'Lag, by partition',
      description:
        'End offset minus committed offset. One line that grows alone: a stuck partition.',
      kind: 'timeseries',
      width: 12,
      unit: 'short',
      queries: [
        {
          expr: 'max by (topic, partition, group) (onchain_consumer_partition_lag_records{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}} {{group}}',
        },
      ],
    },
    {
      title: 'Partitions, by pod',
      description: 'A pod without any is idle: there are more pods than partitions.',
      kind: 'timeseries',
      width: 12,
      unit: 'short',
      stacked: true,
      decimals: 0,
      queries: [
        {
          expr: 'sum by (pod) (onchain_consumer_member_partitions{$pods})',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Handled, by pod',
      description:
        'Records a second. Its highest value under lag is what autoscaling.recordsPerSecondPerPod asks for.',
      kind: 'timeseries',
      width: 8,
      unit: 'cps',
      queries: [
        {
          expr: 'sum by (pod) (rate(onchain_consumer_handled_records_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Queues, by partition',
      description: 'Bytes fetched and waiting to be handled.',
      kind: 'timeseries',
      width: 8,
      unit: 'bytes',
      queries: [
        {
          expr: 'max by (topic, partition, group) (onchain_consumer_partition_queue_bytes{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}} {{group}}',
        },
      ],
    },
    {
      title: 'Paused partitions, by pod',
      description:
        'They hold their share of the memory, or an operator paused them. Normal while a backlog drains.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'sum by (pod) (onchain_consumer_partition_paused{$pods,topic=~"$topic"})',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Partitions that cannot be fetched, by reason',
      description:
        'The others go on. /lag of the pod that owns one has the words. A leader that moves shows for a moment; corrupt lasts until somebody looks.',
      kind: 'timeseries',
      width: 12,
      unit: 'short',
      stacked: true,
      decimals: 0,
      queries: [
        {
          expr: 'sum by (topic, reason) (onchain_consumer_partition_problem{$pods,topic=~"$topic"})',
          legend: '{{topic}} {{reason}}',
        },
      ],
    },
    {
      title: 'Blocked by an open transaction, by partition',
      description:
        'How long the same transaction has kept records back. It grows for minutes where a producer hangs.',
      kind: 'timeseries',
      width: 12,
      unit: 's',
      queries: [
        {
          expr: 'max by (topic, partition, group) (onchain_consumer_partition_blocked_by_transaction_seconds{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}} {{group}}',
        },
      ],
    },
  ],
}
