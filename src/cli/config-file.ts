import { type LoadOptions, loadConfig, NO_CONFIG_FILE, problemText } from '../config/load/load.ts'
import type { Config } from '../config/types.ts'
import { connection } from '../kernel/error-codes/connection.ts'
import { CodedError, OccError } from '../kernel/errors.ts'

/** A configuration, and what to say if it came without a file. */
export interface Configured {
  readonly config: Config
  /** null: a file was read. Otherwise a sentence. */
  readonly noFile: string | null
}

/**
 * Does the work of a command with its configuration. If no file was read and a connection fails,
 * the error says so: the settings may be the defaults.
 * @throws OccError OCC_CONFIG with every problem, or what the work throws
 */
export async function withConfig<Result>(
  options: LoadOptions,
  work: (configured: Configured) => Promise<Result>,
): Promise<Result> {
  const loaded = loadConfig(options)
  if (!loaded.ok) throw new OccError('OCC_CONFIG', problemText(loaded))
  const noFile = loaded.origins.file === undefined ? NO_CONFIG_FILE : null
  try {
    return await work({ config: loaded.config, noFile })
  } catch (error) {
    throw withoutFile(error, noFile)
  }
}

/** The error; if it is about a connection, with the sentence behind its message. */
export function withoutFile(error: unknown, noFile: string | null): unknown {
  if (noFile === null || !(error instanceof OccError)) return error
  if (!Object.hasOwn(connection.codes, error.code)) return error
  const { code, message, retriable } = error
  return new CodedError(code, `${message} ${noFile}`, { cause: error, retriable })
}
