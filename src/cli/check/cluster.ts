import type { ClusterReport } from '../../broker/topics/inspect.ts'
import type { Config } from '../../config/types.ts'
import { agreeing, counted } from '../../kernel/text/counted.ts'
import { describeProblem } from '../run/failure.ts'
import { formatCount, table } from '../terminal/terminal.ts'

/** Columns of the tables of `check`. */
export const WIDTH = 120

/** What is missing or forbidden, one line each. Several groups may lack the same topic. */
export function clusterProblems(reports: readonly ClusterReport[]): readonly string[] {
  const lines = reports
    .flatMap(({ topics, group }) => [...topics, group])
    .flatMap(({ problem }) => (problem === null ? [] : [describeProblem(problem)]))
  return [...new Set(lines)]
}

/** Brokers, and the topics of each group, as tables. @param reports one for each group. */
export function formatCluster(reports: readonly ClusterReport[], config: Config): string {
  const brokers = reports[0]?.brokers.map(({ id, address }) => [String(id), address]) ?? []
  return [
    table(brokers, { header: ['Broker', 'Address'], fit: { column: 1, width: WIDTH } }),
    ...reports.map((report) => formatGroup(report, config)),
  ].join('\n\n')
}

function formatGroup(report: ClusterReport, { kafka }: Config): string {
  const topics = report.topics.map(({ topic, partitions, records, lag, problem }) => [
    topic,
    problem === null ? formatCount(partitions) : '-',
    records === null ? '-' : formatCount(records),
    lag === null ? '-' : formatCount(lag),
    problem === null ? 'ok' : problem.code,
  ])
  const { group } = report
  return [
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
  const are = agreeing(partitions, 'is', 'are')
  return [
    `kafka.consumers is ${consumers} but there ${are} only ${counted(partitions, 'partition')}: ${idle} would be idle.`,
  ]
}
