import { type OpenedStore, withLetters } from '../../app/letters/open.ts'
import type { Wanted } from '../../app/letters/wanted.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { LetterFilter, LetterPlace } from '../../sink/dead-letters/types.ts'
import { withConfig } from '../config-file.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'

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
  return withConfig({ file: flags.config, env: io.env }, ({ config, noFile }) => {
    const parts = { config, clock: systemClock, log: commandLog(io, 'warn') }
    return withLetters(parts, filter, async (opened) => {
      const { places } = opened
      // A program that reads JSON knows what it asked for.
      const isTold = flags.json === undefined || places.some(({ exists }) => !exists)
      if (isTold) io.stderr.write(`${placesText(places, noFile)}\n`)
      return work(opened)
    })
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
