import type { Row } from '../types.ts'

export const resources: Row = {
  title: 'Resources',
  panels: [
    {
      title: 'CPU, by pod',
      description: 'Cores. One pod uses about one: JavaScript runs in one thread.',
      kind: 'timeseries',
      width: 6,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (pod) (rate(process_cpu_seconds_total{$pods}[$__rate_interval]))',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Event loop busy, by pod',
      description:
        'Share of the time. Near 100 %: the pod is at its limit. Low with lag: its handlers wait.',
      kind: 'timeseries',
      width: 6,
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum by (pod) (rate(onchain_consumer_event_loop_busy_seconds_total{$pods}[$__rate_interval]))',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Memory, by pod',
      description: 'Resident memory, to which the limit of the pod applies.',
      kind: 'timeseries',
      width: 6,
      unit: 'bytes',
      queries: [
        {
          expr: 'max by (pod) (process_resident_memory_bytes{$pods})',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Fetches',
      description:
        'Latency of a fetch (poll), including the wait for new records: up to fetch.maxWait when idle.',
      kind: 'timeseries',
      width: 6,
      unit: 's',
      queries: [0.5, 0.99].map((quantile) => ({
        expr: `histogram_quantile(${quantile}, sum by (le) (rate(onchain_consumer_fetch_duration_seconds_bucket{$pods}[$__rate_interval])))`,
        legend: `p${quantile * 100}`,
      })),
    },
  ],
}
