import type { Series } from './promtool.ts'
import { POD, series } from './rules.ts'

const one = { topic: 'transfers', partition: '3' }

const HEADROOM = series('onchain_consumer_partition_retention_headroom_seconds', one)
export const AGE = series('onchain_consumer_partition_oldest_unprocessed_age_seconds', one)
const LAG = series('onchain_consumer_partition_lag_records', one)
const COMMITTED = series('onchain_consumer_partition_committed_offset', one)
const LOST = series('onchain_consumer_records_lost_total', { topic: 'transfers' })
const CUT = series('onchain_consumer_records_cut_total', { topic: 'transfers' })
const GROUP_LAG = series('onchain_consumer_group_lag_records')
const CONSUMED = series('onchain_consumer_group_consumed_records_per_second')
export const READY = series('onchain_consumer_ready')
const BUILD = series('onchain_consumer_build_info', { version: '1' })
const DAYS = series('onchain_consumer_certificate_days_left', {
  certificate: 'client',
  subject: 'u',
})
const STARTED = series('process_start_time_seconds')
const RESTARTS = series('onchain_consumer_restarts_total')
const REBALANCES = series('onchain_consumer_rebalances_by_protocol_total', {
  protocol: 'cooperative-sticky',
})
const problem = (reason: string) => series('onchain_consumer_partition_problem', { ...one, reason })
const BLOCKED = series('onchain_consumer_partition_blocked_by_transaction_seconds', one)
const THROTTLED = series('onchain_consumer_throttled_seconds_total')
const COMMITS_FAILED = series('onchain_consumer_commits_total', { result: 'failed' })
const advice = (kind: string) => series('onchain_consumer_scaling_advice', { advice: kind })
const failed = (code: string) =>
  series('onchain_consumer_failed_records_total', { topic: 'transfers', code })
const notKept = (code: string) =>
  series('onchain_consumer_dead_letter_errors_total', { target: 'file', code })
const CONCURRENCY = series('onchain_consumer_concurrency')
const OWN = { group: 'app.slack' }
const CIRCUIT = series('onchain_consumer_circuit_open', { handler: 'whale' })
const DECODE = series('onchain_consumer_decode_held', { topic: 'transfers' })
const HANGING = series('onchain_consumer_handler_hanging_calls', { handler: 'whale' })
const IN_FLIGHT = series('onchain_consumer_partition_oldest_in_flight_age_seconds', one)
const DUE = series('onchain_consumer_parked_due_records')
const NEXT_DUE = series('onchain_consumer_parked_next_due_timestamp_seconds')
const SINK = series('onchain_consumer_sink_up', { sink: 'db' })
const DIED = series('onchain_consumer_workers_replaced_total', { reason: 'died' })
const STRAY = series('onchain_consumer_stray_errors_total', { handler: 'whale', kind: 'rejection' })
const LOG_LOST = series('onchain_consumer_log_lines_dropped_total')
const VALID = series('onchain_consumer_config_valid')
const PENDING = series('onchain_consumer_config_pending_restart')
const paused = (what: Readonly<Record<string, string>>) =>
  series('onchain_consumer_operator_pause', { topic: '', partition: '', handler: '', ...what })

/** Two hours of a pod that does its work; `x120` is a hundred and twenty minutes of the same. */
export const healthy: Series = {
  [BUILD]: '1x120',
  [READY]: '1x120',
  [HEADROOM]: '86400x120',
  [AGE]: '0x120',
  [LAG]: '10x120',
  [COMMITTED]: '0+100x120',
  [GROUP_LAG]: '10x120',
  [CONSUMED]: '100x120',
  [DAYS]: '90x120',
  [STARTED]: '1700000000x120',
  [RESTARTS]: '0x120',
  [REBALANCES]: '1x120',
  [CONCURRENCY]: '100x120',
  [COMMITS_FAILED]: '0x120',
  [BLOCKED]: '0x120',
  [THROTTLED]: '0x120',
  [CIRCUIT]: '0x120',
  [DECODE]: '0x120',
  [HANGING]: '0x120',
  [IN_FLIGHT]: '1x120',
  [DIED]: '0x120',
  [STRAY]: '0x120',
  [LOG_LOST]: '0x120',
  [VALID]: '1x120',
  [PENDING]: '0x120',
  [advice('add-partitions')]: '0x120',
  [advice('remove-replicas')]: '0x120',
  [advice('raise-concurrency')]: '0x120',
}

export interface Case {
  readonly when: string
  readonly series: Readonly<Record<string, string | null>>
  readonly at: string
  readonly fires: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
}

export const cases: readonly Case[] = [
  { when: 'all is well', series: {}, at: '90m', fires: [] },
  {
    when: 'unread records are deleted in less than 30 minutes',
    series: { [HEADROOM]: '1799x120', [AGE]: '61x120' },
    at: '2m',
    fires: ['DataLossSoon'],
    labels: { severity: 'warning', topic: 'transfers', partition: '3' },
  },
  {
    when: 'unread records are deleted in less than 10 minutes',
    series: { [HEADROOM]: '599x120', [AGE]: '61x120' },
    at: '0m',
    fires: ['DataLossImminent'],
    labels: { severity: 'critical', topic: 'transfers', partition: '3' },
  },
  {
    when: 'the topic keeps records for 5 minutes and nothing is behind',
    series: { [HEADROOM]: '299x120', [AGE]: '1x120' },
    at: '90m',
    fires: [],
  },
  {
    when: 'a pod finds a gap when it starts, before its first scrape',
    series: { [LOST]: '_x5 7000x115' },
    at: '6m',
    fires: ['RecordsLost'],
    labels: { severity: 'critical', topic: 'transfers' },
  },
  {
    when: 'the end of a log was cut off half an hour ago',
    series: { [CUT]: '0x60 40x60' },
    at: '90m',
    fires: ['RecordsCutOff'],
    labels: { severity: 'critical', topic: 'transfers' },
  },
  {
    when: 'the end of a log was cut off long ago',
    series: { [CUT]: '0x10 40x110' },
    at: '90m',
    fires: [],
  },
  {
    when: 'a running pod is overtaken by retention',
    series: { [LOST]: '0x70 7000x50' },
    at: '72m',
    fires: ['RecordsLost'],
  },
  {
    when: 'the pod that lost records was replaced since, which undoes nothing',
    series: { [LOST]: '_x5 7000x5 _x110' },
    at: '30m',
    fires: ['RecordsLost'],
  },
  { when: 'a loss is hours ago', series: { [LOST]: '7000x120' }, at: '110m', fires: [] },
  {
    when: 'records are handled more than 5 minutes late',
    series: { [AGE]: '301x120' },
    at: '6m',
    fires: ['LagHigh'],
    labels: { topic: 'transfers' },
  },
  { when: 'it was late for a moment', series: { [AGE]: '0x5 400x3 0x100' }, at: '9m', fires: [] },
  {
    when: 'no pod is scraped',
    series: Object.fromEntries(Object.keys(healthy).map((name) => [name, null])),
    at: '6m',
    fires: ['Down'],
    labels: { severity: 'critical', namespace: 'chain' },
  },
  {
    when: 'there is lag and nothing is committed',
    series: { [CONSUMED]: '0x120' },
    at: '11m',
    fires: ['NoProgress'],
    labels: { severity: 'critical' },
  },
  {
    when: 'the topic is quiet',
    series: { [CONSUMED]: '0x120', [GROUP_LAG]: '0x120', [LAG]: '0x120', [COMMITTED]: '9x120' },
    at: '90m',
    fires: [],
  },
  {
    when: 'one partition does not move, and the others do',
    series: { [COMMITTED]: '100x120' },
    at: '11m',
    fires: ['PartitionStuck'],
    labels: { topic: 'transfers', partition: '3' },
  },
  {
    when: 'a pod is not ready',
    series: { [READY]: '0x120' },
    at: '6m',
    fires: ['NotReady'],
    labels: { pod: POD },
  },
  { when: 'a pod is just starting', series: { [READY]: '0x3 1x100' }, at: '5m', fires: [] },
  {
    when: 'no pod can read the offsets of the group',
    series: { [GROUP_LAG]: null, [CONSUMED]: null },
    at: '11m',
    fires: ['GroupUnknown'],
  },
  {
    when: 'a batch of a partition stays damaged',
    series: { [problem('corrupt')]: '_x5 1x115' },
    at: '7m',
    fires: ['BatchCorrupt'],
    labels: { severity: 'critical', topic: 'transfers', partition: '3' },
  },
  {
    when: 'a leader was elected after three minutes',
    series: { [problem('no-leader')]: '_x5 1x3 stale' },
    at: '20m',
    fires: [],
  },
  {
    when: 'the leader of a partition is away and nobody takes over',
    series: { [problem('no-leader')]: '_x5 1x115' },
    at: '11m',
    fires: ['PartitionNotFetched'],
    labels: { severity: 'warning', topic: 'transfers', partition: '3', reason: 'no-leader' },
  },
  {
    when: 'a producer has left a transaction open',
    series: { [BLOCKED]: '0+60x120' },
    at: '11m',
    fires: ['TransactionOpen'],
    labels: { severity: 'warning', topic: 'transfers', partition: '3' },
  },
  { when: 'transactions follow each other', series: { [BLOCKED]: '59x120' }, at: '30m', fires: [] },
  {
    when: 'a quota holds fetches back for a third of the time',
    series: { [THROTTLED]: '0+20x120' },
    at: '21m',
    fires: ['Throttled'],
    labels: { severity: 'warning', pod: POD },
  },
  {
    when: 'a quota held them back for a while',
    series: { [THROTTLED]: '0x5 0+20x8 160x107' },
    at: '30m',
    fires: [],
  },
  {
    when: 'the folder of dead letters is full',
    series: { [notKept('OCC_DEAD_LETTERS_FULL')]: '_x5 1+1x100' },
    at: '7m',
    fires: ['DeadLettersNotKept'],
    labels: { severity: 'critical', pod: POD, target: 'file', code: 'OCC_DEAD_LETTERS_FULL' },
  },
  {
    when: 'it was full, and is not since',
    series: { [notKept('OCC_DEAD_LETTERS_FULL')]: '_x5 9x100' },
    at: '30m',
    fires: [],
  },
  {
    when: 'a handler fails with everything',
    series: { [CIRCUIT]: '1x120', [IN_FLIGHT]: '0+60x120' },
    at: '20m',
    fires: ['CircuitOpen'],
    labels: { severity: 'warning', pod: POD, handler: 'whale' },
  },
  { when: 'it did for a moment', series: { [CIRCUIT]: '0x5 1x3 0x100' }, at: '9m', fires: [] },
  {
    when: 'a handler began to fail with everything 5 minutes ago',
    series: { [CIRCUIT]: '0x9 1x110' },
    at: '15m',
    fires: ['CircuitOpen'],
  },
  {
    when: 'an API takes one call in ten, so that the circuit closes and opens again and again',
    series: { [CIRCUIT]: '1 1 1 0 1 1 1 1 0 1 1 1 1 1 0 1 1 1 1 1 1 1x100' },
    at: '20m',
    fires: ['CircuitOpen'],
  },
  {
    when: 'three in a hundred records become dead letters',
    series: { [failed('OCC_HANDLER')]: '0+300x120', [CIRCUIT]: '0x20 1 0x98' },
    at: '22m',
    fires: ['DeadLetters'],
  },
  {
    when: 'no record of a topic can be decoded',
    series: { [DECODE]: '_x4 1x110', [IN_FLIGHT]: '0+60x120' },
    at: '8m',
    fires: ['NothingDecodes'],
    labels: { severity: 'warning', pod: POD, topic: 'transfers' },
  },
  {
    when: 'a run of records could not be decoded',
    series: { [DECODE]: '0x5 1x2 0x100' },
    at: '9m',
    fires: [],
  },
  {
    when: 'an operator pauses a handler, which opens its circuit',
    series: { [CIRCUIT]: '1x120', [paused({ handler: 'whale' })]: '1x120' },
    at: '30m',
    fires: [],
  },
  {
    when: 'an operator has forgotten that a topic is paused',
    series: { [paused({ topic: 'transfers' })]: '1x120' },
    at: '61m',
    fires: ['Paused'],
    labels: { severity: 'info', topic: 'transfers' },
  },
  {
    when: 'a record is in flight for more than 5 minutes',
    series: { [IN_FLIGHT]: '301x120' },
    at: '2m',
    fires: ['RecordInFlightLong'],
    labels: { topic: 'transfers', partition: '3', pod: POD },
  },
  {
    when: 'parked records have been due for long, and nobody handles them',
    series: { [DUE]: '7x120', [NEXT_DUE]: '0x120' },
    at: '12m',
    fires: ['ParkedOverdue'],
    labels: { severity: 'warning' },
  },
  {
    when: 'parked records are handled as they become due',
    series: { [DUE]: '7x120', [NEXT_DUE]: '0+60x120' },
    at: '30m',
    fires: [],
  },
  {
    when: 'a handler ignores its abort signal',
    series: { [HANGING]: '2x120' },
    at: '6m',
    fires: ['HandlerHangs'],
    labels: { pod: POD, handler: 'whale' },
  },
  {
    when: 'a sink takes nothing any more',
    series: { [SINK]: '1x10 0x110' },
    at: '18m',
    fires: ['SinkDown'],
    labels: { pod: POD, sink: 'db' },
  },
  {
    when: 'worker threads die one after the other',
    series: { [DIED]: '0x5 1x2 2x2 3x100' },
    at: '12m',
    fires: ['WorkersDie'],
    labels: { pod: POD, reason: 'died' },
  },
  {
    when: 'a promise that a handler does not await is rejected, once',
    series: { [STRAY]: '0x5 1x115' },
    at: '8m',
    fires: ['StrayErrors'],
    labels: { severity: 'warning', pod: POD, handler: 'whale', kind: 'rejection' },
  },
  {
    when: 'it was before the first scrape',
    series: { [STRAY]: '_x5 3x115' },
    at: '8m',
    fires: ['StrayErrors'],
  },
  { when: 'it was an hour ago', series: { [STRAY]: '0x5 1x115' }, at: '65m', fires: [] },
  {
    when: 'nobody reads the log of a pod',
    series: { [LOG_LOST]: '0x5 0+100x100' },
    at: '8m',
    fires: ['LogLost'],
    labels: { severity: 'warning', pod: POD },
  },
  {
    when: 'it is read again for an hour',
    series: { [LOG_LOST]: '0x5 900x115' },
    at: '65m',
    fires: [],
  },
  { when: 'one worker thread dies', series: { [DIED]: '0x5 1x100' }, at: '12m', fires: [] },
  {
    when: 'the configuration has changed and is not valid',
    series: { [VALID]: '0x120' },
    at: '6m',
    fires: ['ConfigNotValid'],
    labels: { pod: POD },
  },
  {
    when: 'changes of the configuration wait for a restart',
    series: { [PENDING]: '1x120' },
    at: '31m',
    fires: ['ConfigWaits'],
    labels: { severity: 'info', pod: POD },
  },
  {
    when: 'the first record cannot be decoded',
    series: { [failed('OCC_LZ4_TRUNCATED')]: '_x5 1x115' },
    at: '6m',
    fires: ['DeadLetters'],
    labels: { severity: 'warning', topic: 'transfers', code: 'OCC_LZ4_TRUNCATED' },
  },
  {
    when: 'it was a while ago',
    series: { [failed('OCC_LZ4_TRUNCATED')]: '_x5 1x115' },
    at: '40m',
    fires: [],
  },
  {
    when: 'commits keep failing',
    series: { [COMMITS_FAILED]: '0+1x120' },
    at: '13m',
    fires: ['CommitsFail'],
    labels: { pod: POD },
  },
  { when: 'one commit fails', series: { [COMMITS_FAILED]: '0x5 1x100' }, at: '9m', fires: [] },
  {
    when: 'the process starts three times in half an hour',
    series: { [STARTED]: '1x5 2x5 3x5 4x100' },
    at: '20m',
    fires: ['Restarting'],
    labels: { pod: POD },
  },
  {
    when: 'the connection to the group breaks every third minute',
    series: { [RESTARTS]: '0 0 0 1 1 1 2 2 2 3 3 3 4 4 4 5 5 5 6 6 6' },
    at: '20m',
    fires: ['ConnectionUnsteady'],
    labels: { pod: POD },
  },
  {
    when: 'the brokers were away for two minutes, and the connection was tried ten times',
    series: { [RESTARTS]: '0x5 6 10x100' },
    at: '20m',
    fires: [],
  },
  {
    when: 'a pod that could not keep dead letters is gone',
    series: {
      [BUILD]: '1x8 stale',
      [notKept('OCC_DEAD_LETTERS_FULL')]: '_x5 1+1x3 stale',
    },
    at: '12m',
    fires: [],
  },
  {
    when: 'the group rebalances twice a minute for half an hour',
    series: { [REBALANCES]: '0+2x120' },
    at: '35m',
    fires: ['RebalanceStorm'],
  },
  {
    when: 'an upgrade rebalances it twice a minute for 8 minutes',
    series: { [REBALANCES]: '1x20 1+2x8 17x90' },
    at: '45m',
    fires: [],
  },
  {
    when: 'each of two groups rebalances less often than that, and both together more',
    series: {
      [REBALANCES]: '0+1.5x120',
      [series('onchain_consumer_concurrency', OWN)]: '100x120',
    },
    at: '35m',
    fires: [],
  },
  {
    when: 'a handler with a group of its own commits nothing, and the others do',
    series: {
      [series('onchain_consumer_group_lag_records', OWN)]: '50x120',
      [series('onchain_consumer_group_consumed_records_per_second', OWN)]: '0x120',
    },
    at: '11m',
    fires: ['NoProgress'],
    labels: { severity: 'critical', ...OWN },
  },
  {
    when: 'a partition does not move in a group of its own, and does in the other',
    series: {
      [series('onchain_consumer_partition_lag_records', { ...one, ...OWN })]: '10x120',
      [series('onchain_consumer_partition_committed_offset', { ...one, ...OWN })]: '100x120',
    },
    at: '11m',
    fires: ['PartitionStuck'],
    labels: { topic: 'transfers', partition: '3', ...OWN },
  },
  {
    when: 'the lag grows at the partition limit',
    series: { [advice('add-partitions')]: '1x120' },
    at: '11m',
    fires: ['AtPartitionLimit'],
    labels: { severity: 'warning' },
  },
  {
    when: 'handlers wait',
    series: { [advice('raise-concurrency')]: '1x120' },
    at: '16m',
    fires: ['HandlersWait'],
    labels: { severity: 'info', pod: POD },
  },
  {
    when: 'there are more pods than partitions',
    series: { [advice('remove-replicas')]: '1x120' },
    at: '31m',
    fires: ['IdlePods'],
    labels: { severity: 'info' },
  },
  {
    when: 'a certificate has 13 days left',
    series: { [DAYS]: '13x120' },
    at: '11m',
    fires: ['CertificateExpiring'],
    labels: { certificate: 'client', subject: 'u' },
  },
  {
    when: 'a certificate has expired',
    series: { [DAYS]: '-1x120' },
    at: '11m',
    fires: ['CertificateExpired'],
    labels: { severity: 'critical', certificate: 'client', subject: 'u' },
  },
]
