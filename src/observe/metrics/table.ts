import { adminMetrics } from './admin.ts'
import { certificateMetrics } from './certificates.ts'
import { deadLetterMetrics } from './dead-letters.ts'
import type { MetricDefinition } from './definition.ts'
import { flowMetrics } from './flow.ts'
import { groupMetrics } from './group.ts'
import { handlerMetrics } from './handlers.ts'
import { partitionMetrics } from './partitions.ts'
import { serviceMetrics } from './service.ts'
import { topicMetrics } from './topics.ts'
import { workerMetrics } from './workers.ts'

/** The metrics of one kind, under the heading they have in the documentation. */
export interface MetricGroup {
  readonly title: string
  readonly introduction: string
  readonly metrics: readonly MetricDefinition[]
}

/**
 * Every metric of ours: what is registered, what the documentation says, and what dashboards and
 * alerts are tested against all come from here.
 */
export const metricTable: readonly MetricGroup[] = [
  {
    title: 'Topics',
    introduction:
      'Counted per topic since the process started; they go on when partitions move to other pods and back.',
    metrics: topicMetrics,
  },
  {
    title: 'Partitions',
    introduction:
      'Only for the partitions assigned to this process now. A value that is not known (no offset committed yet, say) is left out rather than shown as 0.',
    metrics: partitionMetrics,
  },
  {
    title: 'Handlers',
    introduction: 'Counted per handler of the configuration since the process started.',
    metrics: handlerMetrics,
  },
  {
    title: 'Flow',
    introduction:
      'What is in hand, what waits for another attempt, and which handlers are given a rest.',
    metrics: flowMetrics,
  },
  {
    title: 'Worker threads',
    introduction: 'What handles records beside the main thread (`processing.workers`).',
    metrics: workerMetrics,
  },
  {
    title: 'Dead letters',
    introduction: 'Records that were given up, on their way to where they are kept.',
    metrics: deadLetterMetrics,
  },
  {
    title: 'Operation',
    introduction:
      'What operators have paused, and whether the service runs with what its file says.',
    metrics: adminMetrics,
  },
  {
    title: 'Service',
    introduction: 'The process as a member of its consumer group.',
    metrics: serviceMetrics,
  },
  {
    title: 'Group',
    introduction:
      'All pods together, read from the brokers every `scaling.interval`. Each pod says the same: take the `max` over the pods, not the `sum`. Left out until known, and when older than five intervals. [scaling.md](scaling.md) has the formulas.',
    metrics: groupMetrics,
  },
  {
    title: 'Certificates',
    introduction: 'Of the PEM files in use, with TLS only. They are read again when they change.',
    metrics: certificateMetrics,
  },
]

/** The table without its headings. */
export const metricDefinitions: readonly MetricDefinition[] = metricTable.flatMap(
  (group) => group.metrics,
)
