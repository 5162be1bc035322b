import type { Row } from '../types.ts'

export const failures: Row = {
  title: 'Failures',
  panels: [
    {
      title: 'Dead letters, by error',
      description:
        'Records that could not be handled and were kept, by error code, since the current pods started. `dlq list` shows them, `dlq redrive` sends them again.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (topic, code) (onchain_consumer_failed_records_total{$pods,topic=~"$topic"})',
          legend: '{{topic}} {{code}}',
        },
      ],
    },
    {
      title: 'Dead letters that are not kept',
      description:
        'Letters that are being written, and failed attempts to write one in 5 minutes, by error code. Their partitions wait; nothing is dropped.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (target) (onchain_consumer_dead_letters_waiting{$pods})',
          legend: '{{target}}, being written',
        },
        {
          expr: 'sum by (target, code) (increase(onchain_consumer_dead_letter_errors_total{$pods}[5m]))',
          legend: '{{target}} {{code}}',
        },
      ],
    },
    {
      title: 'Time to keep a dead letter',
      description: 'p99, until the target has acknowledged it.',
      kind: 'timeseries',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.99, sum by (target, le) (rate(onchain_consumer_dead_letter_keep_duration_seconds_bucket{$pods}[$__rate_interval])))',
          legend: '{{target}}',
        },
      ],
    },
    {
      title: 'Errors',
      description:
        'By part of the service and error code, since the current pods started. sink: dead letters cannot be kept.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (room, code) (onchain_consumer_errors_total{$pods})',
          legend: '{{room}} {{code}}',
        },
      ],
    },
    {
      title: 'Warnings and errors in the log',
      description: 'Lines in 5 minutes, and lines of any level that could not be written.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (level) (increase(onchain_consumer_log_lines_total{$pods,level=~"warn|error|fatal"}[5m]))',
          legend: '{{level}}',
        },
        {
          expr: 'sum(increase(onchain_consumer_log_lines_dropped_total{$pods}[5m]))',
          legend: 'not written',
        },
      ],
    },
    {
      title: 'Commits',
      description:
        'By result. fenced: the assignment has ended; its records are handled again by the next owner.',
      kind: 'timeseries',
      width: 8,
      unit: 'count:/s',
      queries: [
        {
          expr: 'sum by (result) (rate(onchain_consumer_commits_total{$pods}[$__rate_interval]))',
          legend: '{{result}}',
        },
      ],
    },
    {
      title: 'Restarts, by pod',
      description:
        'In 30 minutes: restarts of the process, and failed attempts to join the group or to read offsets.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'sum by (pod) (changes(process_start_time_seconds{$pods}[30m]))',
          legend: '{{pod}}, process',
        },
        {
          expr: 'sum by (pod) (increase(onchain_consumer_restarts_total{$pods}[30m]))',
          legend: '{{pod}}, joining',
        },
      ],
    },
    {
      title: 'Fetch errors, by code',
      description:
        'Errors of single partitions in 5 minutes. Some are normal while leaders move. OCC_BATCH_...: a batch that cannot be read.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (topic, code) (increase(onchain_consumer_fetch_errors_total{$pods,topic=~"$topic"}[5m]))',
          legend: '{{topic}} {{code}}',
        },
      ],
    },
    {
      title: 'Batches that cannot be read',
      description:
        'held: their partitions wait until the batch can be read. kept: each became one dead letter (deadLetters.corruptBatches), since the current pods started.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'sum by (topic) (onchain_consumer_partition_problem{$pods,topic=~"$topic",reason="corrupt"})',
          legend: '{{topic}}, held',
        },
        {
          expr: 'sum by (topic) (onchain_consumer_corrupt_batches_total{$pods,topic=~"$topic"})',
          legend: '{{topic}}, kept',
        },
      ],
    },
    {
      title: 'Throttled, by pod',
      description:
        'Share of the time for which brokers delay fetches (quotas). The shares of several brokers are added.',
      kind: 'timeseries',
      width: 8,
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum by (pod) (rate(onchain_consumer_throttled_seconds_total{$pods}[$__rate_interval]))',
          legend: '{{pod}}',
        },
      ],
    },
    {
      title: 'Days until certificates expire',
      description: 'Of the PEM files in use, which are read again when they change.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'min by (certificate, subject) (onchain_consumer_certificate_days_left{$pods})',
          legend: '{{certificate}} {{subject}}',
        },
      ],
    },
  ],
}
