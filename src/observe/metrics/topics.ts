import { BUCKETS } from '../meters/buckets.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import { type MetricDefinition, perMeterHistogram, perMeterKey, topicMeters } from './definition.ts'

const labels = ['topic', 'group']

/** Counters of a topic: the fields of its meter. */
export const topicCounters = {
  records: {
    name: 'onchain_consumer_records_total',
    unit: 'records',
    help: 'Records received from the brokers.',
  },
  bytes: {
    name: 'onchain_consumer_record_bytes_total',
    unit: 'bytes',
    help: 'Size of the record values as received, before decoding.',
  },
  decodedBytes: {
    name: 'onchain_consumer_decoded_bytes_total',
    unit: 'bytes',
    help: 'Size of the record values after decompression.',
  },
  events: {
    name: 'onchain_consumer_events_total',
    unit: 'events',
    help: 'Transfers and transactions found in the records. They are looked for, and counted, only where a filter, `deduplication.window` or a handler reads them; in Protocol Buffers messages always.',
  },
  unreadableEvents: {
    name: 'onchain_consumer_unreadable_events_total',
    unit: 'events',
    help: 'Entries that look like an event of the stream but have a field of the wrong type; counted as onchain_consumer_events_total.',
  },
  duplicates: {
    name: 'onchain_consumer_duplicate_events_total',
    unit: 'events',
    help: 'Events that were already handled, within `deduplication.window` and `deduplication.age`. Their share: this divided by onchain_consumer_events_total.',
  },
  filteredEvents: {
    name: 'onchain_consumer_filtered_events_total',
    unit: 'events',
    help: 'Events that the global `filter` dropped.',
  },
  handled: {
    name: 'onchain_consumer_handled_records_total',
    unit: 'records',
    help: 'Records that were handled.',
  },
  skipped: {
    name: 'onchain_consumer_skipped_records_total',
    unit: 'records',
    help: 'Records that a rule skipped on purpose.',
  },
  passedBy: {
    name: 'onchain_consumer_passed_by_records_total',
    unit: 'records',
    help: 'Of the skipped records, those that `dlq redrive` sent for another consumer group.',
  },
  operatorSkipped: {
    name: 'onchain_consumer_operator_skipped_records_total',
    unit: 'records',
    help: 'Records that an operator passed by unhandled, with `offsets set --allow-skip`.',
  },
  parked: {
    name: 'onchain_consumer_parked_records_total',
    unit: 'records',
    help: 'Records that were parked for the first time: their offsets are finished, and they are handled again when they are due.',
  },
  corruptBatches: {
    name: 'onchain_consumer_corrupt_batches_total',
    unit: 'batches',
    help: 'Batches that could not be read; each became one dead letter.',
  },
  corruptRecords: {
    name: 'onchain_consumer_corrupt_records_total',
    unit: 'records',
    help: 'Offsets of these batches, from the first to the last.',
  },
  recordsLost: {
    name: 'onchain_consumer_records_lost_total',
    unit: 'records',
    help: 'Records that the brokers deleted (retention) before they were read: lost forever.',
  },
  recordsCut: {
    name: 'onchain_consumer_records_cut_total',
    unit: 'records',
    help: 'Records below the position that are no longer in the log: truncated by an unclean election, or lost with a disk. Later records that were not fetched yet are lost too.',
  },
  retries: {
    name: 'onchain_consumer_retries_total',
    unit: 'attempts',
    help: 'Retries of records that had failed.',
  },
  carriedOver: {
    name: 'onchain_consumer_carried_over_records_total',
    unit: 'records',
    help: 'Records above the committed offset that were not handled again, because they were finished before the partition moved here.',
  },
} as const satisfies CounterTable

/** Counted per topic, independent of the partitions that this process has at the time. */
export const topicMetrics: readonly MetricDefinition[] = [
  ...metricsOf(topicCounters, labels, ({ meters }) => topicMeters(meters)),
  {
    name: 'onchain_consumer_encoded_records_total',
    type: 'counter',
    unit: 'records',
    labels: [...labels, 'encoding'],
    help: 'Records by the encoding of their values: `lz4` (an LZ4 frame), `plain`.',
    read: perMeterKey('encoding', topicMeters, ({ encodings }) => encodings),
  },
  {
    name: 'onchain_consumer_skip_reasons_total',
    type: 'counter',
    unit: 'records',
    labels: [...labels, 'reason'],
    help: 'Skipped records by reason: `filtered` (no event passed the filters), `duplicate` (all events were handled before), `handler` (all its handlers skipped it; their reasons are in onchain_consumer_handler_skips_total), `other-group` (a redrive for another consumer group).',
    read: perMeterKey('reason', topicMeters, ({ skips }) => skips),
  },
  {
    name: 'onchain_consumer_failed_records_total',
    type: 'counter',
    unit: 'records',
    labels: [...labels, 'code'],
    help: 'Records that could not be handled, by error code.',
    read: perMeterKey('code', topicMeters, ({ failedRecords }) => failedRecords),
  },
  {
    name: 'onchain_consumer_parked_attempts_total',
    type: 'counter',
    unit: 'attempts',
    labels: [...labels, 'result'],
    help: 'Attempts at parked records that were due: `ok`, `skip`, `again` (parked once more), `dead` (became a dead letter), `lost` (another process had taken the record over).',
    read: perMeterKey('result', topicMeters, ({ parkedAttempts }) => parkedAttempts),
  },
  {
    name: 'onchain_consumer_decode_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.decode,
    help: 'Time to decode one record: decompress and parse. Events are extracted later, when a handler or a filter needs them.',
    read: perMeterHistogram(topicMeters, (meter) => meter.decodeSeconds),
  },
  {
    name: 'onchain_consumer_handle_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.handle,
    help: "Time of one attempt at a record: its handlers, and decoding unless a handler's `key()` already needed it. For a batch, an equal share.",
    read: perMeterHistogram(topicMeters, (meter) => meter.handleSeconds),
  },
  {
    name: 'onchain_consumer_end_to_end_latency_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels,
    buckets: BUCKETS.endToEnd,
    help: 'Time from the timestamp of the record until it was finished.',
    read: perMeterHistogram(topicMeters, (meter) => meter.endToEndSeconds),
  },
]
