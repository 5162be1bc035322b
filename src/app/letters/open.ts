import type { Config } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type {
  DeadLetterStore,
  LetterFilter,
  LetterPlace,
  Reading,
} from '../../sink/dead-letters/types.ts'
import { openDeadLetterStore } from '../sinks/create-dead-letters.ts'

/** The letters of the configured target. */
export interface OpenedStore {
  readonly config: Config
  readonly store: DeadLetterStore
  readonly log: Log
  /** Where the letters are read from. */
  readonly places: readonly LetterPlace[]
  /** The program has a handler of its own, in the group of the service. */
  readonly embedded?: boolean
  /** How far a reading may go. Default: to the end. */
  readonly goesOn?: Reading['goesOn']
}

/**
 * Opens what `work` needs and closes it afterwards.
 *
 * @param filter Which letters the work is about.
 */
export async function withLetters<T>(
  {
    config,
    clock,
    log,
    ...how
  }: Pick<OpenedStore, 'config' | 'log' | 'embedded'> & { readonly clock: Clock },
  filter: LetterFilter,
  work: (opened: OpenedStore) => Promise<T>,
): Promise<T> {
  const store = openDeadLetterStore(config, { clock, log })
  try {
    const places = await store.places(filter)
    const isNowhere = places.every(({ exists }) => !exists)
    return await work({ ...how, config, log, places, store: isNowhere ? emptied(store) : store })
  } finally {
    await store.close()
  }
}

/** Reading a table that does not exist would be an error. */
function emptied(store: DeadLetterStore): DeadLetterStore {
  return { ...store, async *list() {} }
}
