import { dirname, resolve } from 'node:path'
import { OccError } from '../../kernel/errors.ts'
import { checkAlerts } from '../check/alerts.ts'
import { checkHandlers } from '../check/handlers.ts'
import { problemsOf } from '../check/issues.ts'
import { checkKubernetes } from '../check/kubernetes.ts'
import { checkOffsets } from '../check/offsets.ts'
import { checkParked } from '../check/parked.ts'
import { formatProblems, MISSING, type Problem, showValue } from '../check/problems.ts'
import { checkRegistry } from '../check/registry.ts'
import { checkRelations, type Finding } from '../check/relations.ts'
import { checkReorgs } from '../check/reorgs.ts'
import { checkSecurity } from '../check/security.ts'
import { checkSinks } from '../check/sinks.ts'
import { applyProperties } from '../properties/apply.ts'
import { fieldOf, fields } from '../schema/catalog.ts'
import { configSchema, type Settings } from '../schema/index.ts'
import type { Config } from '../types.ts'
import { applyEnvironment, type Environment } from './environment.ts'
import { deleteAt, dotted, isRaw, type Layers, type Raw, setAt, valueAt } from './layers.ts'
import { resolvePaths, toConfig } from './resolve.ts'
import { DEFAULT_FILE, readYamlFile } from './yaml-file.ts'

export interface LoadOptions {
  /** Path of the YAML file, from `--config`. Default: OCC_CONFIG, then the default file. */
  readonly file?: string | undefined
  readonly env: Environment
  /** Base of `file`, and of paths that the file does not set. Default: the working directory. */
  readonly cwd?: string
  /** Changes the values of file and environment, and what set each key, before they are checked. */
  readonly adjust?: (values: Raw, file: string | undefined, sources: Map<string, string>) => void
  /** Default: whether KUBERNETES_SERVICE_HOST is set. */
  readonly inKubernetes?: boolean
  /** Compared with the dates of certificates. Default: now. */
  readonly now?: Date
  /** Read if neither `file` nor OCC_CONFIG names a file; for tests. */
  readonly defaultFile?: string
}

export interface Origins {
  /** The file that was read, if any. */
  readonly file: string | undefined
  /** Keys that the file sets, by pasted properties too. */
  readonly given: ReadonlySet<string>
  /** The variable or the property of each key that the file did not set. */
  readonly sources: ReadonlyMap<string, string>
}

export type LoadResult =
  | {
      readonly ok: true
      readonly config: Config
      readonly warnings: readonly Problem[]
      readonly origins: Origins
    }
  | {
      readonly ok: false
      readonly problems: readonly Problem[]
      readonly warnings: readonly Problem[]
      /** Its valid part: problems are reported as Kubernetes Events, too. */
      readonly kubernetes: Config['kubernetes']
      /** The file that was read, if any. */
      readonly file: string | undefined
      /**
       * For further checks: with the default in place of each invalid key, and without security in
       * sections that have a problem. Only sections without a problem may be used.
       */
      readonly valid: Config
    }

/** What helps if something is missing and there was no file. */
export const NO_CONFIG_FILE = `No configuration file was read: --config FILE or OCC_CONFIG names one (default: ${DEFAULT_FILE}).`

/**
 * Reads the file, applies the environment and the defaults, and checks the result. Returns a frozen
 * config, or all problems at once. Reads files, opens no connection, and never throws for user
 * input.
 */
export function loadConfig(options: LoadOptions): LoadResult {
  const { env, cwd = process.cwd() } = options
  const inKubernetes = options.inKubernetes ?? (env['KUBERNETES_SERVICE_HOST'] ?? '') !== ''
  const file = openFile(options, cwd)
  const layers: Layers = { values: file.values, sources: new Map() }
  const fromProperties = applyProperties(layers)
  const given = fields.filter(({ path }) => valueAt(layers.values, path) !== undefined)
  const fromEnvironment = applyEnvironment(layers, env)
  options.adjust?.(layers.values, file.path, layers.sources)
  const parsed = parse(layers, inKubernetes)
  const folder = file.path === undefined ? cwd : dirname(file.path)
  const isOfFile = (key: string) =>
    given.some((field) => field.key === key) && !Object.hasOwn(env, layers.sources.get(key) ?? '')
  const written = resolvePaths(parsed.settings, (key) => (isOfFile(key) ? folder : cwd))
  const findings = [
    ...checkRelations(parsed.settings, inKubernetes),
    ...checkSecurity(parsed.settings, options.now ?? new Date()),
    ...checkKubernetes(parsed.settings),
    ...checkHandlers(parsed.settings),
    ...checkSinks(parsed.settings),
    ...checkReorgs(parsed.settings),
    ...checkRegistry(parsed.settings),
    ...checkAlerts(parsed.settings),
    ...checkOffsets(parsed.settings),
    ...checkParked(parsed.settings),
  ].filter(({ about }) => !about.some((key) => parsed.broken.has(key)))
  const found = (severity: Finding['severity']) =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ key, value, message, remedy }) => {
        const path = written.get(key)
        const shown = path === undefined ? value : showValue(key, path)
        return { key, source: layers.sources.get(key), value: shown, message, remedy }
      })
  const problems = [
    ...file.problems,
    ...fromProperties.problems,
    ...fromEnvironment.problems,
    // If the file cannot be read, every key is missing: one problem is enough.
    ...parsed.problems.filter((one) => file.problems.length === 0 || one.value !== undefined),
    ...found('problem'),
  ]
  const warnings = [...fromProperties.warnings, ...fromEnvironment.warnings, ...found('warning')]
  if (problems.length > 0) {
    const { settings } = parsed
    return {
      ...{ ok: false, problems, warnings, kubernetes: settings.kubernetes, file: file.path },
      valid: toConfig(withoutSecurity(settings, problems)),
    }
  }
  const origins = {
    file: file.path,
    given: new Set(given.map(({ key }) => key)),
    sources: layers.sources,
  }
  return { ok: true, config: toConfig(parsed.settings), warnings, origins }
}

/** The config of `loadConfig` where nothing can be done without one. @throws OccError OCC_CONFIG with every problem. */
export function configOrThrow(options: LoadOptions): Config {
  const loaded = loadConfig(options)
  if (!loaded.ok) throw new OccError('OCC_CONFIG', problemText(loaded))
  return loaded.config
}

/** All problems; if a key is missing and there was no file, that too. */
export function problemText({ problems, file }: Extract<LoadResult, { ok: false }>): string {
  const isMissing = problems.some(
    ({ value, message }) => value === undefined && message === MISSING,
  )
  const hint = file === undefined && isMissing ? `\n\n${NO_CONFIG_FILE}` : ''
  return `${formatProblems(problems)}${hint}`
}

/** Sections that have a problem are not connected with. */
function withoutSecurity(settings: Settings, problems: readonly Problem[]): Settings {
  const { kafka, deadLetters } = settings
  const isWrong = (section: string) => problems.some(({ key }) => isWithin(key, section))
  const plain = <Section extends object>(section: Section) =>
    ({ ...section, securityProtocol: 'PLAINTEXT' }) as Section
  return {
    ...settings,
    kafka: isWrong('kafka') ? plain(kafka) : kafka,
    deadLetters: isWrong('deadLetters')
      ? { ...deadLetters, kafka: plain(deadLetters.kafka) }
      : deadLetters,
    sinks: isWrong('sinks')
      ? Object.fromEntries(
          Object.entries(settings.sinks).map(([name, sink]) => [
            name,
            'sasl' in sink ? plain(sink) : sink,
          ]),
        )
      : settings.sinks,
  }
}

/** Whether the key is the section or below it: `kafka.brokers[0]` is within `kafka`. */
export function isWithin(key: string, section: string): boolean {
  return key.startsWith(section) && /^(?:$|[.[])/.test(key.slice(section.length))
}

function openFile({ file, env, defaultFile = DEFAULT_FILE }: LoadOptions, cwd: string) {
  if (file !== undefined) return readYamlFile(resolve(cwd, file), '--config', false)
  const named = env['OCC_CONFIG']
  if (named !== undefined && named !== '') {
    return readYamlFile(resolve(cwd, named), 'OCC_CONFIG', false)
  }
  return readYamlFile(defaultFile, 'the default file', true)
}

interface Parsed {
  readonly settings: Settings
  readonly problems: readonly Problem[]
  /** Invalid keys: their values in `settings` are meaningless. */
  readonly broken: ReadonlySet<string>
}

/**
 * Parses; if that fails, parses again without the invalid keys, so that relations between the valid
 * keys are still checked and all problems are reported at once.
 */
function parse({ values, sources }: Layers, inKubernetes: boolean): Parsed {
  if (values['kafka'] === undefined) values['kafka'] = {}
  const brokers = ['kafka', 'brokers']
  if (inKubernetes && isRaw(values['kafka']) && valueAt(values, brokers) === undefined) {
    setAt(values, brokers, ['kafka.kafka.svc.cluster.local:9092'])
  }
  const first = configSchema.safeParse(values, { reportInput: true })
  if (first.success) return { settings: first.data, problems: [], broken: new Set() }
  const broken = new Set<string>()
  for (const issue of first.error.issues) {
    const names = issue.code === 'unrecognized_keys' ? issue.keys : [undefined]
    for (const name of names) {
      // An invalid item removes the whole list, an invalid entry the whole map.
      const whole = name === undefined ? issue.path : [...issue.path, name]
      const field = fieldOf(dotted(whole))
      const path = field === undefined ? whole : field.key.split('.')
      deleteAt(values, path)
      broken.add(path.join('.'))
    }
  }
  if (!isRaw(values['kafka'])) values['kafka'] = {}
  for (const name of ['topics', 'groupId']) {
    if (valueAt(values, ['kafka', name]) === undefined) setAt(values, ['kafka', name], 'missing')
  }
  const settings = configSchema.parse(values)
  return { settings, problems: problemsOf(first.error.issues, sources), broken }
}
