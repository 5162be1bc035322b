import type { Row } from '../types.ts'

export const scaling: Row = {
  title: 'Scaling',
  panels: [
    {
      title: 'Pods, wanted pods, partitions',
      description:
        'wanted: pods that the lag requires by scaling.lagPerPod. More pods than "partitions" would be idle: add partitions.',
      kind: 'timeseries',
      width: 12,
      unit: 'short',
      decimals: 0,
      queries: [
        { expr: 'count(onchain_consumer_build_info{$pods})', legend: 'pods' },
        { expr: 'max(onchain_consumer_group_wanted_replicas{$pods})', legend: 'wanted' },
        { expr: 'max(onchain_consumer_group_partitions{$pods})', legend: 'partitions' },
        { expr: 'max(onchain_consumer_group_members{$pods})', legend: 'members' },
      ],
    },
    {
      title: 'Lag per pod',
      description:
        'The autoscaler keeps it at autoscaling.lagPerPod, or at maxLagSeconds x recordsPerSecondPerPod.',
      kind: 'timeseries',
      width: 12,
      unit: 'short',
      queries: [
        {
          expr: 'max(onchain_consumer_group_lag_records{$pods}) / count(onchain_consumer_build_info{$pods})',
          legend: 'lag per pod',
        },
      ],
    },
    {
      title: 'Rebalances',
      description:
        'In 10 minutes, of the pod with the most: all of them by strategy, and those that changed its partitions. lost: without a chance to commit. With cooperative-sticky, moving partitions takes two.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'max by (protocol) (increase(onchain_consumer_rebalances_by_protocol_total{$pods}[10m]))',
          legend: '{{protocol}}',
        },
        {
          expr: 'max by (kind) (increase(onchain_consumer_rebalances_total{$pods}[10m]))',
          legend: '{{kind}}',
        },
      ],
    },
    {
      title: 'Pause of a rebalance',
      description:
        'p99 of the partitions that moved, and of those that stayed. With cooperative-sticky those that stay are not paused.',
      kind: 'timeseries',
      width: 8,
      unit: 's',
      queries: ['moved', 'unmoved'].map((which) => ({
        expr: `histogram_quantile(0.99, sum by (le) (rate(onchain_consumer_${which}_partitions_pause_seconds_bucket{$pods}[10m])))`,
        legend: which,
      })),
    },
    {
      title: 'Advice',
      description: '1 while the advice is given; /lag has the reasons.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'max by (advice) (onchain_consumer_scaling_advice{$pods})',
          legend: '{{advice}}',
        },
      ],
    },
  ],
}
