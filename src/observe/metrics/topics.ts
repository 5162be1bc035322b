import { BUCKETS } from '../meters/buckets.ts'
import type { FastHistogram, TopicMeter } from '../types.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import type { HistogramDefinition, MetricDefinition } from './definition.ts'

const labels = ['topic']

function histograms(pick: (meter: TopicMeter) => FastHistogram): HistogramDefinition['read'] {
  return ({ meters }) =>
    Array.from(meters.topics, ([topic, meter]) => ({
      labels: { topic },
      histogram: pick(meter).snapshot(),
    }))
}

/** Counted for a topic: the fields of its meter. */
export const topicCounters = {
  records: {
    name: 'onchain_consumer_records_total',
    unit: 'records',
    help: 'Records taken over from the brokers.',
  },
  bytes: {
    name: 'onchain_consumer_record_bytes_total',
    unit: 'bytes',
    help: 'Size of the record values as they came, before decoding.',
  },
  decodedBytes: {
    name: 'onchain_consumer_decoded_bytes_total',
    unit: 'bytes',
    help: 'Size of the record values once decompressed.',
  },
  events: {
    name: 'onchain_consumer_events_total',
    unit: 'events',
    help: 'Transfers and transactions found in the records; counted where handlers, a filter or `deduplication.window` want them.',
  },
  unreadableEvents: {
    name: 'onchain_consumer_unreadable_events_total',
    unit: 'events',
    help: 'Entries that look like an event of the stream but have a field of a wrong type.',
  },
  duplicates: {
    name: 'onchain_consumer_duplicate_events_total',
    unit: 'events',
    help: 'Events that were handled before, within `deduplication.window` and `deduplication.age`; their share is this by onchain_consumer_events_total.',
  },
  filteredEvents: {
    name: 'onchain_consumer_filtered_events_total',
    unit: 'events',
    help: 'Events that the global `filter` left out.',
  },
  handled: {
    name: 'onchain_consumer_handled_records_total',
    unit: 'records',
    help: 'Records handled to the end.',
  },
  skipped: {
    name: 'onchain_consumer_skipped_records_total',
    unit: 'records',
    help: 'Records left out by a rule, on purpose.',
  },
  corruptBatches: {
    name: 'onchain_consumer_corrupt_batches_total',
    unit: 'batches',
    help: 'Batches that could not be read and became one dead letter each.',
  },
  corruptRecords: {
    name: 'onchain_consumer_corrupt_records_total',
    unit: 'records',
    help: 'Offsets of such batches, from the first to the last.',
  },
  recordsLost: {
    name: 'onchain_consumer_records_lost_total',
    unit: 'records',
    help: 'Records the brokers deleted (retention) before they were read: lost for ever.',
  },
  recordsCut: {
    name: 'onchain_consumer_records_cut_total',
    unit: 'records',
    help: 'Records below the position that a log no longer has: cut off by an unclean election, or with a lost disk. What was written behind them and not fetched yet is lost too.',
  },
  retries: {
    name: 'onchain_consumer_retries_total',
    unit: 'attempts',
    help: 'Further attempts at records that had failed.',
  },
  carriedOver: {
    name: 'onchain_consumer_carried_over_records_total',
    unit: 'records',
    help: 'Records not handled again because they were finished, above the committed offset, before the partition moved here.',
  },
} as const satisfies CounterTable

/** Counted for a topic, whatever partitions of it this process has at the time. */
export const topicMetrics: readonly MetricDefinition[] = [
  ...metricsOf(topicCounters, labels, ({ meters }) =>
    Array.from(meters.topics, ([topic, meter]) => [{ topic }, meter] as const),
  ),
  {
    name: 'onchain_consumer_encoded_records_total',
    type: 'counter',
    unit: 'records',
    labels: ['topic', 'encoding'],
    help: 'Records by what their values turned out to be: `lz4` (an LZ4 frame), `plain`.',
    read: ({ meters }) =>
      Array.from(meters.topics).flatMap(([topic, meter]) =>
        Object.entries(meter.encodings).map(([encoding, value]) => ({
          labels: { topic, encoding },
          value,
        })),
      ),
  },
  {
    name: 'onchain_consumer_failed_records_total',
    type: 'counter',
    unit: 'records',
    labels: ['topic', 'code'],
    help: 'Records that could not be handled, by error code.',
    read: ({ meters }) =>
      Array.from(meters.topics).flatMap(([topic, meter]) =>
        Array.from(meter.failedRecords, ([code, value]) => ({ labels: { topic, code }, value })),
      ),
  },
  {
    name: 'onchain_consumer_decode_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.decode,
    help: 'Time to decode one record: decompress and parse. Its events are looked for when a handler or a filter asks.',
    read: histograms((meter) => meter.decodeSeconds),
  },
  {
    name: 'onchain_consumer_handle_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.handle,
    help: "Time of one attempt at a record: its handlers, and decoding unless a handler's `key()` had it decoded. Of a batch, an equal share.",
    read: histograms((meter) => meter.handleSeconds),
  },
  {
    name: 'onchain_consumer_end_to_end_latency_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.endToEnd,
    help: "From the record's timestamp until it was finished.",
    read: histograms((meter) => meter.endToEndSeconds),
  },
]
