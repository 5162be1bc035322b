import type { Row } from '../types.ts'

export const dataLoss: Row = {
  title: 'Is data being lost?',
  panels: [
    {
      title: 'Time left until data is lost',
      description:
        'Time until retention.ms lets the brokers delete an unprocessed record; the worst partition. Not known without the right DescribeConfigs, or if records are kept forever.',
      kind: 'stat',
      width: 4,
      unit: 's',
      queries: [
        {
          expr: 'min(onchain_consumer_partition_retention_headroom_seconds{$pods,topic=~"$topic"})',
          legend: 'time left',
        },
      ],
      steps: [
        { color: 'red', value: null },
        { color: 'yellow', value: 600 },
        { color: 'green', value: 1800 },
      ],
      noValue: 'not known',
    },
    {
      title: 'Records lost',
      description:
        'Records that retention deleted before they were read, or that were cut off the end of a log after they were read; since the current pods started.',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [
        {
          expr: 'sum(onchain_consumer_records_lost_total{$pods,topic=~"$topic"})',
          legend: 'lost',
        },
        {
          expr: 'sum(onchain_consumer_records_cut_total{$pods,topic=~"$topic"})',
          legend: 'cut off',
        },
      ],
      steps: [
        { color: 'green', value: null },
        { color: 'red', value: 1 },
      ],
      noValue: '0',
    },
    {
      title: 'Oldest unprocessed record',
      description: 'Its age; the worst partition.',
      kind: 'stat',
      width: 4,
      unit: 's',
      queries: [
        {
          expr: 'max(onchain_consumer_partition_oldest_unprocessed_age_seconds{$pods,topic=~"$topic"})',
          legend: 'age',
        },
      ],
      steps: [
        { color: 'green', value: null },
        { color: 'yellow', value: 60 },
        { color: 'red', value: 300 },
      ],
    },
    {
      title: 'Lag of the group',
      description: 'Records of all partitions that the group has not committed.',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [{ expr: 'max(onchain_consumer_group_lag_records{$pods})', legend: 'lag' }],
      noValue: 'not known',
    },
    {
      title: 'Caught up in',
      description:
        'At the current rates. While nothing waits for longer than 10 seconds, the age of the oldest unprocessed record. "never": more is produced than consumed, or the rates are not known yet.',
      kind: 'stat',
      width: 4,
      unit: 's',
      queries: [
        {
          // A group that keeps up has some records on their way at any time, and no end of that.
          expr: 'max(onchain_consumer_partition_oldest_unprocessed_age_seconds{$pods}) < 10 or max(onchain_consumer_group_drain_seconds{$pods})',
          legend: 'caught up',
        },
      ],
      noValue: 'never',
    },
    {
      title: 'Pods not ready',
      description: 'Pods that are not a working member of the group; /readyz says why.',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [
        {
          expr: 'count(onchain_consumer_ready{$pods} == 0) or 0 * count(onchain_consumer_ready{$pods})',
          legend: 'not ready',
        },
      ],
      steps: [
        { color: 'green', value: null },
        { color: 'red', value: 1 },
      ],
      noValue: 'no pods',
    },
    {
      title: 'Time left until data is lost, by partition',
      description: 'At 0 the brokers may delete unprocessed records. Flat: no partition is behind.',
      kind: 'timeseries',
      width: 12,
      unit: 's',
      queries: [
        {
          expr: 'min by (topic, partition, group) (onchain_consumer_partition_retention_headroom_seconds{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}} {{group}}',
        },
      ],
    },
    {
      title: 'Age of the oldest unprocessed record, by partition',
      description: 'Of each partition.',
      kind: 'timeseries',
      width: 12,
      unit: 's',
      queries: [
        {
          expr: 'max by (topic, partition, group) (onchain_consumer_partition_oldest_unprocessed_age_seconds{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}} {{group}}',
        },
      ],
    },
  ],
}
