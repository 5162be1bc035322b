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
          expr: 'max by (topic, partition) (onchain_consumer_partition_lag_records{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}}',
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
          expr: 'max by (topic, partition) (onchain_consumer_partition_queue_bytes{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}}',
        },
      ],
    },
    {
      title: 'Paused partitions, by pod',
      description: 'Their queue is full, or a sink backs off. Normal while a backlog drains.',
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
  ],
}
