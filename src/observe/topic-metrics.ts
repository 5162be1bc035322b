import { BUCKETS } from './buckets.ts'
import { type HistogramDefinition, type MetricDefinition, perTopic } from './metric-definition.ts'
import type { FastHistogram, TopicMeter } from './types.ts'

const labels = ['topic']

function histograms(pick: (meter: TopicMeter) => FastHistogram): HistogramDefinition['read'] {
  return ({ meters }) =>
    Array.from(meters.topics, ([topic, meter]) => ({
      labels: { topic },
      histogram: pick(meter).snapshot(),
    }))
}

/** Counted for a topic, whatever partitions of it this process has at the time. */
export const topicMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_records_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Records taken over from the brokers.',
    read: perTopic((meter) => meter.records),
  },
  {
    name: 'onchain_consumer_record_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels,
    help: 'Size of the record values as they came, before decoding.',
    read: perTopic((meter) => meter.bytes),
  },
  {
    name: 'onchain_consumer_decoded_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels,
    help: 'Size of the record values once decompressed.',
    read: perTopic((meter) => meter.decodedBytes),
  },
  {
    name: 'onchain_consumer_lz4_records_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Records whose value was an LZ4 frame.',
    read: perTopic((meter) => meter.lz4Records),
  },
  {
    name: 'onchain_consumer_events_total',
    type: 'counter',
    unit: 'events',
    labels,
    help: 'Transfers and transactions found in the records; counted where handlers, a filter or `deduplication.window` want them.',
    read: perTopic((meter) => meter.events),
  },
  {
    name: 'onchain_consumer_unreadable_events_total',
    type: 'counter',
    unit: 'events',
    labels,
    help: 'Entries that look like an event of the stream but have a field of a wrong type.',
    read: perTopic((meter) => meter.unreadableEvents),
  },
  {
    name: 'onchain_consumer_duplicate_events_total',
    type: 'counter',
    unit: 'events',
    labels,
    help: 'Events that were handled before, within `deduplication.window` and `deduplication.age`; their share is this by onchain_consumer_events_total.',
    read: perTopic((meter) => meter.duplicates),
  },
  {
    name: 'onchain_consumer_filtered_events_total',
    type: 'counter',
    unit: 'events',
    labels,
    help: 'Events that the global `filter` left out.',
    read: perTopic((meter) => meter.filteredEvents),
  },
  {
    name: 'onchain_consumer_handled_records_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Records handled to the end.',
    read: perTopic((meter) => meter.handled),
  },
  {
    name: 'onchain_consumer_skipped_records_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Records left out by a rule, on purpose.',
    read: perTopic((meter) => meter.skipped),
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
    name: 'onchain_consumer_corrupt_batches_total',
    type: 'counter',
    unit: 'batches',
    labels,
    help: 'Batches that could not be read and became one dead letter each.',
    read: perTopic((meter) => meter.corruptBatches),
  },
  {
    name: 'onchain_consumer_corrupt_records_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Offsets of such batches, from the first to the last.',
    read: perTopic((meter) => meter.corruptRecords),
  },
  {
    name: 'onchain_consumer_records_lost_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Records the brokers deleted (retention) before they were read: lost for ever.',
    read: perTopic((meter) => meter.recordsLost),
  },
  {
    name: 'onchain_consumer_records_cut_total',
    type: 'counter',
    unit: 'records',
    labels,
    help: 'Records below the position that a log no longer has: cut off by an unclean election, or with a lost disk. What was written behind them and not fetched yet is lost too.',
    read: perTopic((meter) => meter.recordsCut),
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
