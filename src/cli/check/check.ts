import { checkHandlers, checkTopics } from '../../app/create-handling.ts'
import { brokerOptions } from '../../app/room-options.ts'
import { unitsOf } from '../../app/units.ts'
import { type ClusterReport, inspectCluster } from '../../broker/topics/inspect.ts'
import { formatProblems } from '../../config/check/problems.ts'
import { effectiveSettings } from '../../config/load/effective.ts'
import { type LoadResult, loadConfig } from '../../config/load/load.ts'
import type { Config } from '../../config/types.ts'
import { stackOf } from '../../kernel/error-stack.ts'
import { codeOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { silentLog } from '../../kernel/log.ts'
import type { Flags } from '../arguments.ts'
import type { checkFlags } from '../commands/check.ts'
import { describeProblem } from '../run/failure.ts'
import type { Io } from '../terminal/io.ts'
import { paint, table } from '../terminal/terminal.ts'
import { clusterProblems, formatCluster, WIDTH } from './cluster.ts'
import { connectionProblems } from './connections.ts'
import { registryProblems } from './registry.ts'
import { targetProblems } from './targets.ts'

/** Reads the cluster and one group with the configured credentials; rejects if it cannot be reached. */
export type InspectCluster = (config: Config) => Promise<ClusterReport>

export interface CheckOptions {
  /** Default: through Kafka. */
  readonly inspect?: InspectCluster
  /** Milliseconds before a group without a coordinator is read again. */
  readonly retryPause?: number
}

const ATTEMPTS = 5

const OPEN_HINT = '. check opens handlers as the service does: --no-open leaves that out'

const inspectByKafka: InspectCluster = (config) =>
  inspectCluster(
    brokerOptions(config),
    { topics: config.kafka.topics, groupId: config.kafka.groupId },
    silentLog,
  )

/**
 * Prints all problems of the configuration and the handlers, or the settings in effect. Then,
 * unless `--offline` is given, checks them against the cluster. Exit code 0 if the service could
 * start, else 1.
 */
export async function check(
  flags: Flags<typeof checkFlags>,
  io: Io,
  { inspect = inspectByKafka, retryPause = 1000 }: CheckOptions = {},
): Promise<number> {
  const loaded = loadConfig({ file: flags.config, env: io.env })
  printFindings(loaded, io)
  if (!loaded.ok) return 1
  const { config, origins } = loaded
  const rows = effectiveSettings(config, origins).map(({ key, value, origin }) => [
    key,
    value,
    origin,
  ])
  io.stdout.write(`${origins.file === undefined ? 'No file' : origins.file}\n\n`)
  io.stdout.write(
    `${table(rows, { header: ['Setting', 'Value', 'From'], fit: { column: 1, width: WIDTH } })}\n\n`,
  )
  const isOffline = flags.offline !== undefined
  const opens = !isOffline && flags['no-open'] === undefined
  if (!topicsCanBeRead(config, io)) return 1
  if (!(await checkModules(config, opens, io))) return 1
  const style = paint(io.stdout, io.env)
  if (isOffline) {
    io.stdout.write(`${style('green', 'The configuration is valid.')} No connections were made.\n`)
    return 0
  }
  io.stdout.write('The configuration is valid. Connecting ...\n\n')
  try {
    const reports: ClusterReport[] = []
    for (const unit of unitsOf(config)) {
      reports.push(await inspectSettled(() => inspect(unit.config), retryPause))
    }
    const problems = [
      ...clusterProblems(reports),
      ...(await targetProblems(config)),
      ...(await registryProblems(config)),
      ...(await connectionProblems(config, partitionsOf(reports))),
    ]
    io.stdout.write(`${formatCluster(reports, config)}\n\n`)
    for (const problem of problems) io.stderr.write(`${failure(io)} ${problem}\n`)
    if (problems.length > 0) return 1
    io.stdout.write(`${style('green', 'The service can start.')}\n`)
    return 0
  } catch (error) {
    io.stderr.write(`${failure(io)} ${describeProblem(error)}\n`)
    return 1
  }
}

/** Partitions of all topics together: so many pods can have work. */
function partitionsOf(reports: readonly ClusterReport[]): number {
  const topics = new Map(
    reports.flatMap((report) => report.topics.map((one) => [one.topic, one.partitions] as const)),
  )
  return [...topics.values()].reduce((total, partitions) => total + partitions, 0)
}

/** Prints which topics lack a schema. */
function topicsCanBeRead(config: Config, io: Io): boolean {
  const problems = new Set(checkTopics(config).map(({ message }) => message))
  for (const problem of problems) io.stderr.write(`${failure(io)} ${problem}\n`)
  return problems.size === 0
}

/** Loads and opens the modules as the service would, and closes them. */
async function checkModules(config: Config, opens: boolean, io: Io): Promise<boolean> {
  const { names, problems } = await checkHandlers(config, opens)
  for (const problem of problems) {
    const hint = codeOf(problem) === 'OCC_HANDLER_OPEN' ? OPEN_HINT : ''
    const stack = stackOf(problem)
    const where = stack === null ? '' : `\n${stack}`
    io.stderr.write(`${failure(io)} ${describeProblem(problem)}${hint}${where}\n`)
  }
  if (problems.length > 0) return false
  const how = opens ? ' (opened and closed)' : ''
  if (names.length > 0) io.stdout.write(`Handlers${how}: ${names.join(', ')}\n\n`)
  return true
}

/**
 * On a new cluster the first request for a group makes the brokers choose its coordinator. That
 * takes seconds and is not a problem of the configuration.
 */
async function inspectSettled(
  inspect: () => Promise<ClusterReport>,
  pause: number,
): Promise<ClusterReport> {
  let report = await inspect()
  for (let attempt = 1; attempt < ATTEMPTS && report.group.problem?.retriable; attempt++) {
    await sleep(pause)
    report = await inspect()
  }
  return report
}

function failure({ stderr, env }: Io): string {
  return paint(stderr, env)('red', 'Problem:')
}

function printFindings(loaded: LoadResult, { stderr, env }: Io): void {
  const style = paint(stderr, env)
  if (!loaded.ok) stderr.write(`${style('red', formatProblems(loaded.problems))}\n\n`)
  if (loaded.warnings.length === 0) return
  stderr.write(`${style('yellow', formatProblems(loaded.warnings, 'warning'))}\n\n`)
}
