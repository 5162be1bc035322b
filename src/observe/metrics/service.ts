import { BUCKETS } from '../meters/buckets.ts'
import type { FastHistogram, MemberState, ProcessMeter, ServiceState } from '../types.ts'
import { type CounterTable, metricsOf } from './counters.ts'
import {
  groupLabel,
  type HistogramDefinition,
  type MetricDefinition,
  named,
  one,
  perKey,
  perMeterKey,
  topicMeters,
} from './definition.ts'

const SERVICE_STATES: readonly ServiceState[] = ['starting', 'running', 'draining', 'stopped']
const MEMBER_STATES: readonly MemberState[] = [
  'connecting',
  'joining',
  'joined',
  'waiting',
  'stopped',
]

function histogram(pick: (meter: ProcessMeter) => FastHistogram): HistogramDefinition['read'] {
  return ({ meters }) => [{ labels: {}, histogram: pick(meters.process).snapshot() }]
}

/** Counters of the process: the fields of its meter. */
export const processCounters = {
  fetches: {
    name: 'onchain_consumer_fetches_total',
    unit: 'fetches',
    help: 'Fetch requests answered by the brokers.',
  },
  throttledSeconds: {
    name: 'onchain_consumer_throttled_seconds_total',
    unit: 'seconds',
    help: 'Time for which brokers throttled fetches (quotas), summed over the brokers.',
  },
  transactionQueueFullSeconds: {
    name: 'onchain_consumer_offset_transaction_queue_full_seconds_total',
    unit: 'seconds',
    help: 'Time for which the next transactions of `offsets.store: postgres` were complete and handlers waited for the database, summed over the groups; counted when it is over. A rate near 1: PostgreSQL is what limits, and neither more concurrency nor more pods would help.',
  },
  partitionsMoved: {
    name: 'onchain_consumer_partitions_moved_total',
    unit: 'partitions',
    help: 'Partitions gained or given up in rebalances.',
  },
  caughtUp: {
    name: 'onchain_consumer_caught_up_total',
    unit: 'times',
    help: 'Number of times a partition reached its end.',
  },
  pauses: {
    name: 'onchain_consumer_pauses_total',
    unit: 'times',
    help: 'Number of times a partition was paused.',
  },
  restarts: {
    name: 'onchain_consumer_restarts_total',
    unit: 'times',
    help: 'Number of times a group member failed to join or to read its offsets, and retried.',
  },
  droppedLines: {
    name: 'onchain_consumer_log_lines_dropped_total',
    unit: 'lines',
    help: 'Log lines that could not be written, because standard output is closed, its disk is full, or nobody reads it.',
  },
} as const satisfies CounterTable

/** The process as a member of its group: fetches, commits, rebalances, states, errors. */
export const serviceMetrics: readonly MetricDefinition[] = [
  {
    name: 'onchain_consumer_ready',
    type: 'gauge',
    unit: '0 or 1',
    labels: [],
    help: '1 while /readyz reports ready: running, every member joined, its assignment known, not all of its partitions unreachable or undecodable, and known what operators have paused.',
    read: one(({ ready }) => Number(ready)),
  },
  {
    name: 'onchain_consumer_state',
    type: 'gauge',
    unit: '0 or 1',
    labels: ['state'],
    help: `1 for the current state of the service: ${SERVICE_STATES.join(', ')}.`,
    read: ({ status }) =>
      SERVICE_STATES.map((state) => ({ labels: { state }, value: Number(status.state === state) })),
  },
  {
    name: 'onchain_consumer_member_state',
    type: 'gauge',
    unit: '0 or 1',
    labels: ['member', 'group', 'state'],
    help: `1 for the current state of the group member: ${MEMBER_STATES.join(', ')}.`,
    read: ({ status }) =>
      status.members.flatMap((member) =>
        MEMBER_STATES.map((state) => ({
          labels: { member: member.id, state, ...groupLabel(member) },
          value: Number(member.state === state),
        })),
      ),
  },
  {
    name: 'onchain_consumer_member_partitions',
    type: 'gauge',
    unit: 'partitions',
    labels: ['member', 'group'],
    help: 'Partitions assigned to the group member.',
    read: ({ status }) =>
      status.members.map((member) => ({
        labels: { member: member.id, ...groupLabel(member) },
        value: member.partitions,
      })),
  },
  {
    name: 'onchain_consumer_member_last_turn_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    labels: ['member', 'group'],
    help: "Time since the last turn of the member's loop; /healthz fails when it is too long.",
    read: ({ status, monotonic }) =>
      status.members.map((member) => ({
        labels: { member: member.id, ...groupLabel(member) },
        value: Math.max(0, monotonic - member.lastTurn) / 1000,
      })),
  },
  ...metricsOf(processCounters, [], ({ meters }) => [[{}, meters.process]]),
  {
    name: 'onchain_consumer_fetch_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    buckets: BUCKETS.fetch,
    help: 'Duration of a fetch (poll), including the wait for new records.',
    read: histogram((meter) => meter.fetchSeconds),
  },
  {
    name: 'onchain_consumer_fetch_errors_total',
    type: 'counter',
    unit: 'errors',
    labels: ['topic', 'group', 'code'],
    help: 'Error codes of single partitions in fetch answers, and of batches that cannot be read (OCC_BATCH_...). Some are normal while leaders move.',
    read: perMeterKey('code', topicMeters, ({ fetchErrors }) => fetchErrors),
  },
  {
    name: 'onchain_consumer_commits_total',
    type: 'counter',
    unit: 'commits',
    labels: ['result'],
    help: 'Offset commits: ok, failed, or fenced (the assignment had ended).',
    read: perKey('result', ({ meters }) => meters.process.commits),
  },
  {
    name: 'onchain_consumer_commit_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    buckets: BUCKETS.commit,
    help: 'Duration of an offset commit.',
    read: histogram((meter) => meter.commitSeconds),
  },
  {
    name: 'onchain_consumer_offset_transactions_total',
    type: 'counter',
    unit: 'transactions',
    labels: ['result'],
    help: 'Transactions of `offsets.store: postgres`: ok; refused (a row was, and the others are written again without it); failed (the database was away); fenced (a partition had another owner); doubt (the answer to the commit was lost: the next attempt decides).',
    read: perKey('result', ({ meters }) => meters.process.transactions),
  },
  {
    name: 'onchain_consumer_offset_transaction_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    buckets: BUCKETS.commit,
    help: 'Duration of such a transaction, whatever became of it.',
    read: histogram((meter) => meter.transactionSeconds),
  },
  {
    name: 'onchain_consumer_offset_recordings_total',
    type: 'counter',
    unit: 'statements',
    labels: ['result'],
    help: 'Statements that write committed offsets to the table of `offsets.record`: ok, or failed (the database is away; nothing else waits for it).',
    read: perKey('result', ({ meters }) => meters.process.recordings),
  },
  {
    name: 'onchain_consumer_rebalances_total',
    type: 'counter',
    unit: 'rebalances',
    labels: ['kind'],
    help: 'Number of times partitions were assigned to this process, revoked, or lost (without a chance to commit). A rebalance that moves none of its partitions is not counted.',
    read: perKey('kind', ({ meters }) => meters.process.rebalances),
  },
  {
    name: 'onchain_consumer_rebalance_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    buckets: BUCKETS.rebalance,
    help: 'Duration of a rebalance as seen by this member, from noticing it to its end. Partitions that stay are consumed meanwhile.',
    read: histogram((meter) => meter.rebalanceSeconds),
  },
  {
    name: 'onchain_consumer_rebalances_by_protocol_total',
    type: 'counter',
    unit: 'rebalances',
    labels: ['protocol'],
    help: 'Rebalances that this process completed, by the assignment strategy that the group agreed on. With cooperative-sticky, moving partitions takes two.',
    read: ({ meters }) =>
      Array.from(meters.process.rebalancesByProtocol, ([protocol, value]) => ({
        labels: { protocol },
        value,
      })),
  },
  {
    name: 'onchain_consumer_moved_partitions_pause_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    buckets: BUCKETS.rebalance,
    help: 'Duration of the rebalances in which partitions came or went. Nobody consumes a moving partition for about that long, and before that while work in flight finishes (`flow.rebalanceDrain`).',
    read: histogram((meter) => meter.movedPauseSeconds),
  },
  {
    name: 'onchain_consumer_unmoved_partitions_pause_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: [],
    buckets: BUCKETS.rebalance,
    help: 'How long a rebalance stopped the consumption of the partitions that stayed: 0 with cooperative-sticky alone.',
    read: histogram((meter) => meter.unmovedPauseSeconds),
  },
  {
    name: 'onchain_consumer_errors_total',
    type: 'counter',
    unit: 'errors',
    labels: ['room', 'code'],
    help: 'Errors by part of the service and error code; those of single records are in failed_records.',
    read: perMeterKey(
      'code',
      ({ errors }) => named('room', errors),
      (counts) => counts,
    ),
  },
  {
    name: 'onchain_consumer_log_lines_total',
    type: 'counter',
    unit: 'lines',
    labels: ['level'],
    help: 'Log lines written, by level.',
    read: perKey('level', ({ meters }) => meters.process.loggedLines),
  },
  {
    name: 'onchain_consumer_event_loop_busy_seconds_total',
    type: 'counter',
    unit: 'seconds',
    labels: [],
    help: 'Time the event loop was busy: its rate is the utilization of the JavaScript thread.',
    read: one(() => performance.eventLoopUtilization().active / 1000),
  },
  {
    name: 'onchain_consumer_build_info',
    type: 'gauge',
    unit: 'always 1',
    labels: ['version', 'node', 'kafkajs'],
    help: 'Versions of the service, of Node.js and of kafkajs.',
    read: ({ build }) => [
      {
        labels: { version: build.version, node: process.versions.node, kafkajs: build.kafkajs },
        value: 1,
      },
    ],
  },
]
