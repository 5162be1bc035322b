import { handlersOf } from '../../app/alerts/alert-rules.ts'
import { checkHandlers, checkTopics } from '../../app/create-handling.ts'
import { brokerOptions } from '../../app/room-options.ts'
import { unitsOf } from '../../app/units/units.ts'
import { type ClusterReport, inspectCluster } from '../../broker/topics/inspect.ts'
import { formatProblems } from '../../config/check/problems.ts'
import { effectiveSettings } from '../../config/load/effective.ts'
import { type LoadResult, loadConfig, NO_CONFIG_FILE, problemText } from '../../config/load/load.ts'
import type { Config } from '../../config/types.ts'
import { stackOf } from '../../kernel/error-stack.ts'
import { codeOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { silentLog } from '../../kernel/log.ts'
import type { Flags } from '../arguments.ts'
import { withoutFile } from '../config-file.ts'
import { asTyped } from '../program.ts'
import { describeProblem } from '../run/failure.ts'
import type { Io } from '../terminal/io.ts'
import { paint, table } from '../terminal/terminal.ts'
import { clusterProblems, formatCluster, WIDTH } from './cluster.ts'
import { connectionProblems } from './connections.ts'
import type { checkFlags } from './flags.ts'
import { registryProblems } from './registry.ts'
import { createStages, type Stages } from './stages.ts'
import { letterProblems, sinkProblems } from './targets.ts'

/** Reads the cluster and one group with the configured credentials; rejects if it cannot be reached. */
export type InspectCluster = (config: Config) => Promise<ClusterReport>

export interface CheckOptions {
  /** Default: through Kafka. */
  readonly inspect?: InspectCluster
  /** Milliseconds before a group without a coordinator is read again. */
  readonly retryPause?: number
}

const ATTEMPTS = 5

/** The stage that others need, and its name in messages. */
const CLUSTER = 'brokers, topics and groups'

const OPEN_HINT = '. check opens handlers as the service does: --no-open leaves that out'

const inspectByKafka: InspectCluster = (config) =>
  inspectCluster(
    brokerOptions(config),
    { topics: config.kafka.topics, groupId: config.kafka.groupId },
    silentLog,
  )

/**
 * Prints all problems of the configuration, the handlers and, unless `--offline` is given, of what
 * they are connected with, in one round. What cannot be checked because of a problem is named. Exit
 * code 0 if the service could start, else 1.
 */
export async function check(
  flags: Flags<typeof checkFlags>,
  io: Io,
  { inspect = inspectByKafka, retryPause = 1000 }: CheckOptions = {},
): Promise<number> {
  const loaded = loadConfig({ file: flags.config, env: io.env })
  printFindings(loaded, io)
  if (loaded.ok) printSettings(loaded, io)
  const config = loaded.ok ? loaded.config : loaded.valid
  const noFile = (loaded.ok ? loaded.origins.file : loaded.file) === undefined
  const stages = createStages(loaded.ok ? [] : loaded.problems, (problem) =>
    io.stderr.write(`${failure(io)} ${asTyped(problem, io)}\n`),
  )
  const isOffline = flags.offline !== undefined
  const opens = !isOffline && flags['no-open'] === undefined
  await stages.run('the schemas of topics', ['kafka.topics', 'decode'], async () =>
    checkTopics(config).map(({ message }) => message),
  )
  await stages.run('handlers', ['handlers', 'filter', 'sinks'], () =>
    checkModules(config, opens, io),
  )
  if (!isOffline) {
    if (stages.areGood) io.stdout.write('The configuration is valid. Connecting ...\n\n')
    const explain = (error: unknown) =>
      describeProblem(withoutFile(error, noFile ? NO_CONFIG_FILE : null))
    await checkConnections(config, stages, explain, io, (unit) =>
      inspectSettled(() => inspect(unit), retryPause),
    )
  }
  if (stages.skipped.length > 0) {
    io.stderr.write(
      `${failure(io)} Not checked because of the problems above: ${stages.skipped.join(', ')}.\n`,
    )
  }
  if (!stages.areGood) return 1
  const good = paint(io.stdout, io.env)
  io.stdout.write(
    isOffline
      ? `${good('green', 'The configuration is valid.')} No connections were made.\n`
      : `${good('green', 'The service can start.')}\n`,
  )
  return 0
}

function printSettings({ config, origins }: Extract<LoadResult, { ok: true }>, io: Io): void {
  const rows = effectiveSettings(config, origins).map(({ key, value, origin }) => [
    key,
    value,
    origin,
  ])
  io.stdout.write(`${origins.file === undefined ? 'No file' : origins.file}\n\n`)
  io.stdout.write(
    `${table(rows, { header: ['Setting', 'Value', 'From'], fit: { column: 1, width: WIDTH } })}\n\n`,
  )
}

/** Brokers, topics and groups; then what else is connected with. */
async function checkConnections(
  config: Config,
  stages: Stages,
  explain: (error: unknown) => string,
  io: Io,
  inspect: InspectCluster,
): Promise<void> {
  const reports: ClusterReport[] = []
  await stages.run(CLUSTER, ['kafka'], async () => {
    try {
      for (const unit of unitsOf(config)) reports.push(await inspect(unit.config))
    } catch (error) {
      stages.lost(CLUSTER)
      return [explain(error)]
    }
    io.stdout.write(`${formatCluster(reports, config)}\n\n`)
    return clusterProblems(reports)
  })
  const { lettersNeed, sinksNeed } = clustersNeeded(config)
  await stages.run('dead letters', ['deadLetters', ...lettersNeed], () => letterProblems(config))
  await stages.run('sinks', ['sinks', 'offsets', ...sinksNeed], () => sinkProblems(config))
  await stages.run('the schema registry', ['decode'], () => registryProblems(config))
  const isOfPostgres = ({ type }: { readonly type: string }) => type === 'postgres'
  if (config.offsets.store !== 'postgres' && !Object.values(config.sinks).some(isOfPostgres)) return
  await stages.run('the number of connections of the sinks', ['sinks', 'kafka', CLUSTER], () =>
    connectionProblems(config, partitionsOf(reports)),
  )
}

/** What dead letters and sinks use of the cluster that is consumed. */
function clustersNeeded({ deadLetters, sinks }: Config) {
  const isOurs = (brokers: readonly string[] | undefined) =>
    brokers === undefined ? ['kafka', CLUSTER] : []
  const { target, kafka } = deadLetters
  return {
    lettersNeed: target === 'kafka' ? isOurs(kafka.brokers) : [],
    sinksNeed: Object.values(sinks).flatMap((sink) =>
      sink.type === 'kafka' ? isOurs(sink.brokers) : [],
    ),
  }
}

/** Partitions of all topics together: so many pods can have work. */
function partitionsOf(reports: readonly ClusterReport[]): number {
  const topics = new Map(
    reports.flatMap((report) => report.topics.map((one) => [one.topic, one.partitions] as const)),
  )
  return [...topics.values()].reduce((total, partitions) => total + partitions, 0)
}

/** Loads and opens the modules as the service would, and closes them. */
async function checkModules(config: Config, opens: boolean, io: Io): Promise<readonly string[]> {
  const all = { ...config, handlers: handlersOf(config) }
  const { names, problems } = await checkHandlers(all, opens)
  const how = opens ? ' (opened and closed)' : ''
  if (problems.length === 0 && names.length > 0) {
    io.stdout.write(`Handlers${how}: ${names.join(', ')}\n\n`)
  }
  return problems.map((problem) => {
    const hint = codeOf(problem) === 'OCC_HANDLER_OPEN' ? OPEN_HINT : ''
    const stack = stackOf(problem)
    const where = stack === null ? '' : `\n${stack}`
    return `${describeProblem(problem)}${hint}${where}`
  })
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
  if (!loaded.ok) stderr.write(`${style('red', problemText(loaded))}\n\n`)
  if (loaded.warnings.length === 0) return
  stderr.write(`${style('yellow', formatProblems(loaded.warnings, 'warning'))}\n\n`)
}
