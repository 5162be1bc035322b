import type { Config } from '../../config/types.ts'
import { ruleOfSink } from '../../kernel/alerts.ts'
import { codeOf, messageOf, OccError, together, toOccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { noneCalled } from '../../kernel/text/suggest.ts'
import type { CallTracing } from '../../kernel/tracing.ts'
import type { HandlerMeter } from '../../observe/types.ts'
import type { FilterRules } from '../api/types.ts'
import type { AddressLists } from '../select/address-list.ts'
import { allOf } from '../select/event-filter.ts'
import { openFilter, openHandlerFilter } from '../select/filters.ts'
import { checkHandler, checkName, isHandlerProblem } from './check-handler.ts'
import { loadModule, problem } from './load-module.ts'
import type { HandlerEmit, LoadedHandler } from './loaded-handler.ts'
import { createSinkHandler } from './sink-handler.ts'

const AT_ONCE = 500

/** One entry of `handlers`. */
export type HandlerConfig = Pick<
  Config['handlers'][number],
  | 'path'
  | 'name'
  | 'topics'
  | 'concurrency'
  | 'maxRecordsPerSecond'
  | 'attempts'
  | 'timeout'
  | 'filter'
  | 'sink'
  | 'options'
> &
  Partial<Pick<Config['handlers'][number], 'each' | 'group'>>

/** A handler whose configured filter can change while it runs. */
export interface ConfiguredHandler extends LoadedHandler {
  /**
   * Reads what the rules need. The returned function applies them from the next message on. Throws
   * OCC_FILTER or OCC_ADDRESS_LIST.
   */
  prepareFilter(rules: FilterRules | undefined): Promise<() => void>
}

export interface LoadParts {
  readonly emit: HandlerEmit
  /** Default: false. */
  readonly transacts?: boolean
  /** They run in worker threads. */
  readonly usesWorkers?: boolean
  readonly noTransaction?: LoadedHandler['noTransaction']
  /** Default: null. */
  readonly tracing?: CallTracing | null
  /** They may park their records. */
  readonly parks?: boolean
  /** Whether a list that is emitted to this sink is several values. Default: never. */
  takesLists?(sink: string): boolean
  /** Messages that a handler without code sends to this sink in one call. Default: 500. */
  messagesAtOnce?(sink: string): number
  readonly lists: AddressLists
  /** Names of the configured sinks; null: any that a handler names is there. */
  readonly sinks: readonly string[] | null
  meter(handler: string): HandlerMeter
  readonly log: Log
}

/**
 * Loads the modules and checks what they export. Throws OCC_HANDLER_LOAD with all problems, one
 * handler per line.
 */
export async function loadHandlers(
  configs: readonly HandlerConfig[],
  parts: LoadParts,
): Promise<readonly ConfiguredHandler[]> {
  const { handlers, problems } = await tryHandlers(configs, parts)
  if (problems.length > 0) throw together('OCC_HANDLER_LOAD', problems)
  return handlers
}

/** The same, with the problems of the others beside the handlers that can be loaded. */
export async function tryHandlers(
  configs: readonly HandlerConfig[],
  parts: LoadParts,
): Promise<{ handlers: readonly ConfiguredHandler[]; problems: readonly OccError[] }> {
  const loaded = await Promise.allSettled(configs.map((config) => loadHandler(config, parts)))
  const handlers = loaded.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const problems = loaded.flatMap((one) =>
    one.status === 'rejected' ? [toOccError(one.reason, 'OCC_HANDLER_LOAD')] : [],
  )
  for (const [index, { name }] of handlers.entries()) {
    if (handlers.findIndex((other) => other.name === name) === index) continue
    const text = `Two handlers are called ${name}. Remedy: give one of them another handlers[].name`
    problems.push(new OccError('OCC_HANDLER_LOAD', text))
  }
  const { sinks: known } = parts
  for (const { file = '', definition } of known === null ? [] : handlers) {
    for (const sink of definition.sinks ?? []) {
      if (known?.includes(sink) === false) problems.push(unknownSink(file, sink, known))
    }
  }
  return { handlers, problems }
}

function unknownSink(path: string, sink: string, known: readonly string[]): OccError {
  return new OccError(
    'OCC_HANDLER_LOAD',
    `${path} emits to a sink that is not configured: ${noneCalled('sink', sink, known)} Remedy: add sinks.${sink} to the configuration, or correct \`sinks\` of the handler`,
  )
}

async function loadHandler(config: HandlerConfig, parts: LoadParts): Promise<ConfiguredHandler> {
  const { path: file, topics, group, timeout, options } = config
  const { concurrency, maxRecordsPerSecond, attempts } = config
  const { path, definition } = await openDefinition(config, parts)
  if (isHandlerProblem(definition)) throw problem(path, ...definition)
  const name = config.name ?? definition.name
  const wrongName = checkName(name)
  if (wrongName !== undefined) throw problem(path, ...wrongName)
  try {
    const own = await openHandlerFilter(definition.filter, parts.lists)
    let filter = allOf([await openFilter(config.filter, parts.lists), own])
    const log = parts.log.child({ handler: name })
    const { emit, transacts = false, usesWorkers = false, noTransaction } = parts
    const { tracing = null, parks = false } = parts
    const meter = parts.meter(name)
    return {
      ...{ name, definition, file, topics, timeout, options, log, meter, emit, transacts },
      ...{ usesWorkers, noTransaction, tracing, parks },
      ...{ hasOwnGroup: group === 'own', concurrency, maxRecordsPerSecond, attempts },
      get filter() {
        return filter
      },
      async prepareFilter(rules) {
        const next = allOf([await openFilter(rules, parts.lists), own])
        return () => {
          filter = next
        }
      },
    }
  } catch (error) {
    const what = `has an unusable filter: ${messageOf(error)}`
    if (codeOf(error) !== 'OCC_ADDRESS_LIST') throw problem(path, what, 'correct it', error)
    // Its message is sentences, with the remedy.
    throw new OccError('OCC_HANDLER_LOAD', `${path} ${what}`, { cause: error })
  }
}

/** The handler, and what to call it in messages. Validation guarantees a path or a sink. */
async function openDefinition(
  { path, sink = '', each = 'event', name = sink }: HandlerConfig,
  { takesLists = () => false, messagesAtOnce = () => AT_ONCE }: LoadParts,
) {
  if (path !== undefined) return { path, definition: checkHandler(await loadModule(path)) }
  const definition = createSinkHandler({
    ...{ name, sink, each, asList: takesLists(sink), size: messagesAtOnce(sink) },
  })
  const rule = ruleOfSink(sink)
  const what = rule === null ? `The handler of the sink ${sink}` : `The rule ${rule} of alerts`
  return { path: what, definition }
}
