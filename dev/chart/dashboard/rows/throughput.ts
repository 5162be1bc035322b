import type { Panel, Row } from '../types.ts'

function quantiles(metric: string): Panel['queries'] {
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le, group) (rate(${metric}_bucket{$pods,topic=~"$topic"}[$__rate_interval])))`,
    legend: `p${quantile * 100} {{group}}`,
  }))
}

export const throughput: Row = {
  title: 'Throughput',
  panels: [
    {
      title: 'Produced and consumed',
      description:
        'Of the whole group, as counted by the brokers. While "consumed" is below "produced", the lag grows.',
      kind: 'timeseries',
      width: 12,
      unit: 'count:/s',
      queries: [
        {
          expr: 'max by (group) (onchain_consumer_group_produced_records_per_second{$pods})',
          legend: 'produced {{group}}',
        },
        {
          expr: 'max by (group) (onchain_consumer_group_consumed_records_per_second{$pods})',
          legend: 'consumed {{group}}',
        },
      ],
    },
    {
      title: 'Handled, by topic',
      description: 'Records that were handled.',
      kind: 'timeseries',
      width: 6,
      unit: 'count:/s',
      queries: [
        {
          expr: 'sum by (topic, group) (rate(onchain_consumer_handled_records_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: '{{topic}} {{group}}',
        },
      ],
    },
    {
      title: 'Events, by topic',
      description:
        'Transfers and transactions in the records, and those that were seen before; counted if handlers, a filter or deduplication.window need them.',
      kind: 'timeseries',
      width: 6,
      unit: 'count:/s',
      queries: [
        {
          expr: 'sum by (topic) (rate(onchain_consumer_events_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: '{{topic}}',
        },
        {
          expr: 'sum by (topic) (rate(onchain_consumer_duplicate_events_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: '{{topic}}, seen before',
        },
      ],
    },
    {
      title: 'End-to-end latency',
      description: "Time from the record's timestamp until it was finished.",
      kind: 'timeseries',
      width: 6,
      unit: 's',
      queries: quantiles('onchain_consumer_end_to_end_latency_seconds'),
    },
    {
      title: 'Handling',
      description: 'Time of one attempt at a record, decoding included.',
      kind: 'timeseries',
      width: 6,
      unit: 's',
      queries: quantiles('onchain_consumer_handle_duration_seconds'),
    },
    {
      title: 'Decoding',
      description: 'Time to decompress and parse one record.',
      kind: 'timeseries',
      width: 6,
      unit: 's',
      queries: quantiles('onchain_consumer_decode_duration_seconds'),
    },
    {
      title: 'Bytes',
      description: 'Record values as received, and after decompression.',
      kind: 'timeseries',
      width: 6,
      unit: 'Bps',
      queries: [
        {
          expr: 'sum(rate(onchain_consumer_record_bytes_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: 'received',
        },
        {
          expr: 'sum(rate(onchain_consumer_decoded_bytes_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: 'decompressed',
        },
      ],
    },
  ],
}
