import type { Row } from '../types.ts'

export const handlers: Row = {
  title: 'Handlers',
  panels: [
    {
      title: 'Circuits open',
      description:
        'Handlers that get no records, because they fail with every record or an operator paused them; counted for each pod. No record becomes a dead letter because of it; the lag grows.',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [{ expr: 'sum(onchain_consumer_circuit_open{$pods})', legend: 'open' }],
      steps: [
        { color: 'green', value: null },
        { color: 'red', value: 1 },
      ],
      noValue: 'no handlers',
    },
    {
      title: 'Oldest record in flight',
      description:
        'Time since it was taken from its queue. It is retried, its handler does not answer, or its dead letter is not kept. After a crash it and the records after it are handled again.',
      kind: 'stat',
      width: 4,
      unit: 's',
      queries: [
        {
          expr: 'max(onchain_consumer_partition_oldest_in_flight_age_seconds{$pods,topic=~"$topic"})',
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
      title: 'Hanging calls',
      description:
        'Calls that have exceeded handlers[].timeout and ignore their abort signal. Their partitions wait.',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [{ expr: 'sum(onchain_consumer_handler_hanging_calls{$pods})', legend: 'calls' }],
      steps: [
        { color: 'green', value: null },
        { color: 'red', value: 1 },
      ],
      noValue: 'no handlers',
    },
    {
      title: 'Share of duplicates',
      description:
        'Share of the events in 5 minutes that had been handled before and were left out.',
      kind: 'stat',
      width: 4,
      unit: 'percentunit',
      queries: [
        {
          expr: 'sum(rate(onchain_consumer_duplicate_events_total{$pods,topic=~"$topic"}[5m])) / sum(rate(onchain_consumer_events_total{$pods,topic=~"$topic"}[5m]))',
          legend: 'share',
        },
      ],
      noValue: 'no events',
    },
    {
      title: 'Paused by operators',
      description: 'Topics, partitions and handlers, in all pods of the group (docs/admin.md).',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [
        {
          expr: 'count(max by (topic, partition, handler) (onchain_consumer_operator_pause{$pods}))',
          legend: 'paused',
        },
      ],
      steps: [
        { color: 'green', value: null },
        { color: 'yellow', value: 1 },
      ],
      noValue: '0',
    },
    {
      title: 'Pods that differ from their file',
      description:
        'Their configuration file has changed and is not valid, or has changes that wait for a restart. They keep the previous settings. The log says which.',
      kind: 'stat',
      width: 4,
      unit: 'short',
      queries: [
        {
          expr: 'count(onchain_consumer_config_valid{$pods} == 0) or 0 * count(onchain_consumer_config_valid{$pods})',
          legend: 'not valid',
        },
        { expr: 'sum(onchain_consumer_config_pending_restart{$pods})', legend: 'wait' },
      ],
      steps: [
        { color: 'green', value: null },
        { color: 'yellow', value: 1 },
      ],
    },
    {
      title: 'Outcomes, by handler',
      description: 'Results of its calls, for each message.',
      kind: 'timeseries',
      width: 8,
      unit: 'count:/s',
      queries: [
        {
          expr: 'sum by (handler, outcome) (rate(onchain_consumer_handler_outcomes_total{$pods}[$__rate_interval]))',
          legend: '{{handler}} {{outcome}}',
        },
      ],
    },
    {
      title: 'Duration of a call, by handler',
      description: 'p99, of calls for one message or for a batch.',
      kind: 'timeseries',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: 'histogram_quantile(0.99, sum by (handler, le) (rate(onchain_consumer_handler_call_duration_seconds_bucket{$pods}[$__rate_interval])))',
          legend: '{{handler}}',
        },
      ],
    },
    {
      title: 'Circuits, by handler',
      description:
        'Pods in which it is open, and topics of which no record can be decoded. The partitions wait.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'sum by (handler) (onchain_consumer_circuit_open{$pods})',
          legend: '{{handler}}',
        },
        {
          expr: 'sum by (topic) (onchain_consumer_decode_held{$pods,topic=~"$topic"}) > 0',
          legend: 'decoding {{topic}}',
        },
      ],
    },
    {
      title: 'Waiting',
      description:
        'Records that wait for a retry, suspects (set aside until their handler succeeds with another record), and records whose handler does not answer.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (topic) (onchain_consumer_partition_retrying_records{$pods,topic=~"$topic"})',
          legend: '{{topic}}, retry',
        },
        {
          expr: 'sum by (topic) (onchain_consumer_partition_suspect_records{$pods,topic=~"$topic"})',
          legend: '{{topic}}, suspect',
        },
        {
          expr: 'sum by (topic) (onchain_consumer_partition_stuck_records{$pods,topic=~"$topic"})',
          legend: '{{topic}}, no answer',
        },
      ],
    },
    {
      title: 'Retries',
      description: 'Attempts after the first one.',
      kind: 'timeseries',
      width: 8,
      unit: 'count:/s',
      queries: [
        {
          expr: 'sum by (topic) (rate(onchain_consumer_retries_total{$pods,topic=~"$topic"}[$__rate_interval]))',
          legend: '{{topic}}',
        },
      ],
    },
    {
      title: 'In flight, by pod',
      description:
        'Records or batches in handlers. If it stays at processing.concurrency, raise that key, provided the handlers wait and do not compute.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        {
          expr: 'sum by (pod, group) (onchain_consumer_in_flight{$pods})',
          legend: '{{pod}} {{group}}',
        },
        { expr: 'max by (group) (onchain_consumer_concurrency{$pods})', legend: 'max {{group}}' },
      ],
    },
    {
      title: 'Oldest record in flight, by partition',
      description: 'Time since it was taken from its queue.',
      kind: 'timeseries',
      width: 8,
      unit: 's',
      queries: [
        {
          expr: 'max by (topic, partition, group) (onchain_consumer_partition_oldest_in_flight_age_seconds{$pods,topic=~"$topic"})',
          legend: '{{topic}}/{{partition}} {{group}}',
        },
      ],
    },
    {
      title: 'Worker threads, by pod',
      description:
        'Their number, and how busy they are. There are none without processing.workers.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      queries: [
        { expr: 'sum by (pod) (onchain_consumer_workers{$pods})', legend: '{{pod}}' },
        {
          expr: 'max by (pod) (onchain_consumer_worker_utilization{$pods})',
          legend: '{{pod}}, share busy',
        },
      ],
    },
    {
      title: 'Worker threads replaced',
      description:
        'In 15 minutes: threads that died (exit, uncaught error, out of memory) or hung.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'sum by (pod, reason) (increase(onchain_consumer_workers_replaced_total{$pods}[15m]))',
          legend: '{{pod}} {{reason}}',
        },
      ],
    },
    {
      title: 'Errors outside of promises, by handler',
      description:
        'In 15 minutes: rejections that nobody awaits, and exceptions in callbacks. Without a handler: errors of the service itself.',
      kind: 'timeseries',
      width: 8,
      unit: 'short',
      decimals: 0,
      queries: [
        {
          expr: 'sum by (handler, kind) (increase(onchain_consumer_stray_errors_total{$pods}[15m]))',
          legend: '{{handler}} {{kind}}',
        },
      ],
    },
  ],
}
