import type { Row } from '../types.ts'

export const partitions: Row = {
  title: 'Partitions and pods',
  panels: [
    {
      title: 'Lag, by partition',
      description:
        'End offset minus committed offset. If one line grows alone, its partition is stuck.',
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
      description: 'A pod without partitions is idle: there are more pods than partitions.',
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
        'Records per second. Use its highest value under lag for autoscaling.recordsPerSecondPerPod.',
      kind: 'timeseries',
      width: 8,
      unit: 'count:/s',
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
        'They use their share of the memory, or an operator paused them. Normal while a backlog drains.',
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
        'The others continue. /lag of the pod that owns one has the details. A leader that moves shows only for a moment; corrupt lasts until somebody acts.',
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
        'How long the same transaction has held back records. If it grows for minutes, its producer hangs.',
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
