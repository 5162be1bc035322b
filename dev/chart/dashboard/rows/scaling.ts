import type { Row } from '../types.ts'

export const scaling: Row = {
  title: 'Scaling',
  panels: [
    {
      title: 'Pods, wanted pods, partitions',
      description:
        'wanted: what the lag asks for by scaling.lagPerPod. At "partitions" more pods would be idle: add partitions.',
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
        'What the autoscaler holds at autoscaling.lagPerPod, or at the product that stands for it.',
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
      description: 'In 10 minutes, of the pod that saw most. lost: without a chance to commit.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'max by (kind) (increase(onchain_consumer_rebalances_total{$pods}[10m]))',
          legend: '{{kind}}',
        },
      ],
    },
    {
      title: 'Pause of a rebalance',
      description: 'From learning of it until records flow again.',
      kind: 'timeseries',
      width: 8,
      unit: 's',
      queries: [0.5, 0.99].map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (le) (rate(onchain_consumer_rebalance_duration_seconds_bucket{$pods}[10m])))`,
        legend: `p${quantile * 100}`,
      })),
    },
    {
      title: 'Advice',
      description: '1 while it is given; /lag has the reasons.',
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
