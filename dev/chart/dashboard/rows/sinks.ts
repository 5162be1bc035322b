import type { Row } from '../types.ts'

export const sinks: Row = {
  title: 'Sinks and parked records',
  panels: [
    {
      title: 'Written, by sink',
      description: 'Values that the sink has acknowledged.',
      kind: 'timeseries',
      width: 6,
      unit: 'count:/s',
      queries: [
        {
          expr: 'sum by (sink) (rate(onchain_consumer_sink_values_total{$pods}[$__rate_interval]))',
          legend: '{{sink}}',
        },
      ],
    },
    {
      title: 'Not written, by sink',
      description:
        'Values that are being written, and those that the sink did not take in 5 minutes, by error code. Their records wait, or are tried again.',
      kind: 'timeseries',
      width: 6,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (sink) (onchain_consumer_sink_waiting{$pods})',
          legend: '{{sink}}, being written',
        },
        {
          expr: 'sum by (sink, code) (increase(onchain_consumer_sink_errors_total{$pods}[5m]))',
          legend: '{{sink}} {{code}}',
        },
      ],
    },
    {
      title: 'Time to write, by sink',
      description:
        'p99, until the sink has acknowledged a value; waiting for others of its batch included.',
      kind: 'timeseries',
      width: 6,
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.99, sum by (sink, le) (rate(onchain_consumer_sink_write_duration_seconds_bucket{$pods}[$__rate_interval])))',
          legend: '{{sink}}',
        },
      ],
    },
    {
      title: 'Parked records',
      description:
        'Records that are handled again later, and those of them that are due. If these stay, their handler is down, paused or too slow.',
      kind: 'timeseries',
      width: 6,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'max by (group) (onchain_consumer_parked_records{$pods})',
          legend: 'parked {{group}}',
        },
        {
          expr: 'max by (group) (onchain_consumer_parked_due_records{$pods})',
          legend: 'due {{group}}',
        },
      ],
    },
  ],
}
