import { openDeadLetterStore } from '../../app/create-dead-letters.ts'
import { configOrThrow } from '../../config/load/load.ts'
import type { Config } from '../../config/types.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { DeadLetterStore, StoredLetter } from '../../sink/dead-letters/types.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'
import { OtherGroups, type Wanted } from './groups.ts'

export interface OpenedStore {
  readonly config: Config
  readonly store: DeadLetterStore
  readonly log: Log
}

/** The letters of the configured target, while `work` runs. */
export async function withStore<T>(
  configFile: string | undefined,
  io: Io,
  work: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  const config = configOrThrow({ file: configFile, env: io.env })
  const log = commandLog(io, 'warn')
  const store = await openDeadLetterStore(config, { clock: systemClock, log })
  try {
    return await work({ config, store, log })
  } finally {
    await store.close()
  }
}

/**
 * The letters that are wanted, at most `limit`.
 *
 * @param others Counts the letters of other groups that would match otherwise.
 */
export async function* limited(
  store: DeadLetterStore,
  wanted: Wanted,
  limit: number,
  others = new OtherGroups(),
): AsyncGenerator<StoredLetter> {
  let count = 0
  const { groups, ...filter } = wanted
  for await (const letter of store.list(filter)) {
    if (others.has(letter, wanted)) continue
    yield letter
    count += 1
    if (count >= limit) return
  }
}

/**
 * A name without a letter is a mistake, not an empty list: prints one line for each.
 *
 * @param found Ids and coordinates of the letters there are.
 * @returns Whether there is such a name.
 */
export function reportMissing(wanted: Wanted, found: ReadonlySet<string>, io: Io): boolean {
  const missing = (wanted.names ?? []).filter((name) => !found.has(name))
  const { groups } = wanted
  const where = groups === undefined ? '' : ` of the group ${groups.join(', ')} (see --group)`
  for (const name of missing) io.stderr.write(`There is no dead letter ${name}${where}.\n`)
  return missing.length > 0
}
