import { adminMetrics } from './admin.ts'
import { alertMetrics } from './alerts.ts'
import { certificateMetrics } from './certificates.ts'
import { deadLetterMetrics } from './dead-letters.ts'
import type { MetricDefinition } from './definition.ts'
import { flowMetrics } from './flow.ts'
import { groupMetrics } from './group.ts'
import { handlerMetrics } from './handlers.ts'
import { parkedMetrics } from './parked.ts'
import { partitionMetrics } from './partitions.ts'
import { postgresMetrics } from './postgres.ts'
import { serviceMetrics } from './service.ts'
import { sinkMetrics } from './sinks.ts'
import { topicMetrics } from './topics.ts'
import { workerMetrics } from './workers.ts'

/** The metrics under one heading of the documentation. */
export interface MetricGroup {
  readonly title: string
  readonly introduction: string
  readonly metrics: readonly MetricDefinition[]
}

/**
 * Every metric of the service: the only source for the registry, the documentation, and the tests
 * of dashboards and alerts.
 */
export const metricTable: readonly MetricGroup[] = [
  {
    title: 'Topics',
    introduction:
      'Counted per topic since the process started; the counts continue when partitions move to other pods and back.',
    metrics: topicMetrics,
  },
  {
    title: 'Partitions',
    introduction:
      'Only for the partitions that are assigned to this process now. An unknown value (for example before the first commit) is left out, not shown as 0.',
    metrics: partitionMetrics,
  },
  {
    title: 'Handlers',
    introduction: 'Counted per handler of the configuration since the process started.',
    metrics: handlerMetrics,
  },
  {
    title: 'Flow',
    introduction: 'Records in flight, records that wait for a retry, and the state of circuits.',
    metrics: flowMetrics,
  },
  {
    title: 'Worker threads',
    introduction: 'Threads that handle records instead of the main thread (`processing.workers`).',
    metrics: workerMetrics,
  },
  {
    title: 'Sinks',
    introduction: 'Values that handlers emit, counted per sink of the configuration.',
    metrics: sinkMetrics,
  },
  {
    title: 'PostgreSQL',
    introduction:
      'Counted per section of the configuration that names a database (`sinks.<name>`, `offsets.postgres`, `parked.postgres`, `deadLetters.postgres`). Rows in the transactions of the offsets are counted with these.',
    metrics: postgresMetrics,
  },
  {
    title: 'Alerts',
    introduction: 'Counted per rule of `alerts` since the process started.',
    metrics: alertMetrics,
  },
  {
    title: 'Dead letters',
    introduction: 'Records that were given up, and the writes to their target.',
    metrics: deadLetterMetrics,
  },
  {
    title: 'Parked records',
    introduction:
      'Records that wait until they are due, per consumer group, read from the table every 10 s. Each pod reports the same: use the `max` over the pods. Attempts at them are counted per topic.',
    metrics: parkedMetrics,
  },
  {
    title: 'Operation',
    introduction:
      'Pauses by operators, and whether the service runs with its current configuration file.',
    metrics: adminMetrics,
  },
  {
    title: 'Service',
    introduction: 'The process as a member of its consumer groups.',
    metrics: serviceMetrics,
  },
  {
    title: 'Group',
    introduction:
      'Each group as a whole, all pods together, read from the brokers every `scaling.interval`. Each pod reports the same: use the `max` over the pods, not the `sum`. Left out until known, and when older than five intervals. [scaling.md](scaling.md) has the formulas.',
    metrics: groupMetrics,
  },
  {
    title: 'Certificates',
    introduction: 'The PEM files in use, with TLS only. They are read again when they change.',
    metrics: certificateMetrics,
  },
]

/** The table without its headings. */
export const metricDefinitions: readonly MetricDefinition[] = metricTable.flatMap(
  (group) => group.metrics,
)
