import type { ClusterReport } from '../../broker/topics/inspect.ts'
import type { Config } from '../../config/types.ts'
import { describeProblem } from '../run/failure.ts'
import { formatCount, table } from '../terminal/terminal.ts'

/** Columns of the tables of `check`. */
export const WIDTH = 120

/** What is missing or forbidden, one line each. */
export function clusterProblems(report: ClusterReport): readonly string[] {
  return [...report.topics, report.group].flatMap(({ problem }) =>
    problem === null ? [] : [describeProblem(problem)],
  )
}

/** Brokers, topics and the group as tables. */
export function formatCluster(report: ClusterReport, { kafka }: Config): string {
  const brokers = report.brokers.map(({ id, address }) => [String(id), address])
  const topics = report.topics.map(({ topic, partitions, records, lag, problem }) => [
    topic,
    problem === null ? formatCount(partitions) : '-',
    records === null ? '-' : formatCount(records),
    lag === null ? '-' : formatCount(lag),
    problem === null ? 'ok' : problem.code,
  ])
  const { group } = report
  return [
    table(brokers, { header: ['Broker', 'Address'], fit: { column: 1, width: WIDTH } }),
    table(topics, {
      header: ['Topic', 'Partitions', 'Records', 'Lag', 'State'],
      fit: { column: 0, width: WIDTH },
    }),
    `Group ${group.id}: ${group.problem === null ? 'ok' : group.problem.code}`,
    ...idleConsumers(report, kafka.consumers),
  ].join('\n\n')
}

/** A partition is read by one member at a time: excess members are idle. */
function idleConsumers({ topics }: ClusterReport, consumers: number): string[] {
  const partitions = topics.reduce((total, topic) => total + topic.partitions, 0)
  const isComplete = topics.every(({ problem }) => problem === null)
  if (!isComplete || consumers <= partitions) return []
  const idle = consumers - partitions
  return [
    `kafka.consumers is ${consumers} but there are only ${partitions} partitions: ${idle} would be idle.`,
  ]
}
