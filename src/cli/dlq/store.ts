import { openDeadLetterStore } from '../../app/sinks/create-dead-letters.ts'
import type { Config } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type {
  DeadLetterStore,
  LetterFilter,
  LetterPlace,
  StoredLetter,
} from '../../sink/dead-letters/types.ts'
import { withConfig } from '../config-file.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'
import { OtherGroups, type Wanted } from './groups.ts'

export interface OpenedStore {
  readonly config: Config
  readonly store: DeadLetterStore
  readonly log: Log
  /** Where the letters are read from. */
  readonly places: readonly LetterPlace[]
}

/**
 * The letters of the configured target, while `work` runs. Says on standard error where they are,
 * and what of it does not exist.
 *
 * @param filter Which letters the command is about.
 */
export async function withStore<T>(
  flags: { readonly config?: string; readonly json?: string },
  filter: LetterFilter,
  io: Io,
  work: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  return withConfig({ file: flags.config, env: io.env }, async ({ config, noFile }) => {
    const log = commandLog(io, 'warn')
    const store = openDeadLetterStore(config, { clock: systemClock, log })
    try {
      const places = await store.places(filter)
      const isNowhere = places.every(({ exists }) => !exists)
      // A program that reads JSON knows what it asked for.
      const isTold = flags.json === undefined || places.some(({ exists }) => !exists)
      if (isTold) io.stderr.write(`${placesText(places, noFile)}\n`)
      return await work({ config, store: isNowhere ? emptied(store) : store, log, places })
    } finally {
      await store.close()
    }
  })
}

export function namesOf(places: readonly LetterPlace[]): string {
  return places.map(({ name }) => name).join(', ')
}

function placesText(places: readonly LetterPlace[], noFile: string | null): string {
  const there = places.filter(({ exists }) => exists)
  const missing = places.filter(({ exists }) => !exists)
  return [
    ...(there.length === 0 ? [] : [`Dead letters in ${namesOf(there)}.`]),
    ...missing.map(
      ({ name }) =>
        `There is no dead letter in ${name}, because it does not exist: nothing was kept there yet, or deadLetters has to name another place.`,
    ),
    ...(missing.length === 0 || noFile === null ? [] : [noFile]),
  ].join('\n')
}

/** Reading a table that does not exist would be an error. */
function emptied(store: DeadLetterStore): DeadLetterStore {
  return { ...store, async *list() {} }
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
