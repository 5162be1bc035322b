import { dirname, resolve } from 'node:path'
import { isRaw, type Raw } from '../../config/load/layers.ts'
import { resolveFiles } from '../../config/load/resolve.ts'
import type { Config } from '../../config/types.ts'
import { type Flags, objectOf, usageError } from '../arguments.ts'
import { withReaderConfig } from '../records/kafka-config.ts'
import type { Io } from '../terminal/io.ts'
import type { testFlags } from './flags.ts'

export interface HandlerConfigured {
  /** With this handler only. */
  readonly config: Config
  /** Whether the configuration has a handler of this file. */
  readonly isConfigured: boolean
  /** null: there is no configuration that names sinks, so any sink exists. */
  readonly sinks: readonly string[] | null
}

/** Sections that matter for handling a record. */
const SECTIONS = ['decode', 'filter', 'handlers', 'deduplication']

/**
 * The configuration for one handler: its entry in the file, if there is one, with what the flags
 * replace. Sections that have no part in handling need not be valid, and without a topic to read,
 * neither need brokers, passwords and certificates.
 */
export async function withHandlerConfig<Result>(
  path: string,
  flags: Flags<typeof testFlags>,
  io: Io,
  work: (configured: HandlerConfigured) => Promise<Result>,
): Promise<Result> {
  const options = objectOf('--options', flags.options)
  // From the working directory, like the paths of other flags.
  if (options !== undefined) resolveFiles(options, process.cwd())
  const filter = objectOf('--filter', flags.filter)
  let isConfigured = false
  let sinks: readonly string[] | null = null

  function adjust(values: Raw, file: string | undefined, sources: Map<string, string>): void {
    if (options !== undefined) sources.set('handlers[0].options', '--options')
    if (filter !== undefined) sources.set('handlers[0].filter', '--filter')
    const all = Array.isArray(values['handlers']) ? values['handlers'].filter(isRaw) : []
    const folder = file === undefined ? process.cwd() : dirname(file)
    const entry = entryOf(all, path, folder, flags.name)
    isConfigured = entry !== undefined
    values['handlers'] = [
      {
        ...entry,
        path,
        ...(flags.name !== undefined && { name: flags.name }),
        ...(options !== undefined && { options }),
        ...(filter !== undefined && { filter: withAbsolutePath(filter) }),
      },
    ]
    if (isConfigured) sinks = isRaw(values['sinks']) ? Object.keys(values['sinks']) : []
    // Nothing is connected to: only the topics say something about samples.
    if (flags.sample !== undefined && isRaw(values['kafka'])) {
      values['kafka'] = { topics: values['kafka']['topics'] }
    }
  }

  const topic = flags.topic ?? 'sample'
  const reader = { flags, sections: SECTIONS, topic, topicBy: '--topic', adjust }
  return withReaderConfig(reader, io, ({ config }) => {
    const silent = { ...config.sink, log: { ...config.sink.log, mode: 'off' as const } }
    return work({ config: { ...config, sink: silent }, isConfigured, sinks })
  })
}

function entryOf(
  all: readonly Raw[],
  path: string,
  folder: string,
  name: string | undefined,
): Raw | undefined {
  const found = all.filter((each) => resolve(folder, String(each['path'])) === path)
  const named = name === undefined ? found : found.filter((each) => each['name'] === name)
  if (named.length > 1) {
    const names = named.map((each) => String(each['name'])).join(', ')
    throw usageError(
      `the configuration has several handlers of ${path}; give --name, one of ${names}`,
    )
  }
  return named[0] ?? (found.length === 1 ? found[0] : undefined)
}

/** From the working directory, like the paths of other flags. */
function withAbsolutePath(filter: Raw): Raw {
  const { addressesFile } = filter
  return typeof addressesFile === 'string'
    ? { ...filter, addressesFile: resolve(addressesFile) }
    : filter
}
