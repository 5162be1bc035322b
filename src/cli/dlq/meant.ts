import { limited, type Wanted } from '../../app/letters/wanted.ts'
import { nearest } from '../../kernel/text/suggest.ts'
import { handlersOf } from '../../sink/dead-letters/filter.ts'
import type { DeadLetterStore, StoredLetter } from '../../sink/dead-letters/types.ts'
import type { Io } from '../terminal/io.ts'

/** More letters than this are not read to find a name that was meant. */
const MOST = 100_000
/** More names than this are no help. */
const MAX_NAMES = 10

/** The flags that name what letters have. */
const NAMED = [
  { flag: '--error-type', key: 'errorTypes', of: ({ errorType }: StoredLetter) => [errorType] },
  { flag: '--topic', key: 'topics', of: ({ record }: StoredLetter) => [record.topic] },
  { flag: '--handler', key: 'handlers', of: handlersOf },
] as const

/**
 * After a filter that no letter matches: says on standard error which of its names no letter has at all, and
 * which was probably meant.
 */
export async function sayMeant(store: DeadLetterStore, wanted: Wanted, io: Io): Promise<void> {
  const others = { ...wanted }
  for (const { key } of NAMED) delete others[key]
  const given = NAMED.flatMap(({ flag, key, of }) => {
    const names = wanted[key]
    return names === undefined ? [] : [{ flag, of, names, there: new Set<string>() }]
  })
  if (given.length === 0) return
  for await (const letter of limited(store, others, MOST, undefined, { outlines: true })) {
    for (const { of, there } of given) for (const name of of(letter)) there.add(name)
  }
  for (const { flag, names, there } of given) {
    for (const name of names) {
      if (there.size > 0 && !there.has(name)) io.stderr.write(`${lineOf(flag, name, there)}\n`)
    }
  }
}

function lineOf(flag: string, name: string, names: ReadonlySet<string>): string {
  const none = `No dead letter has ${flag} ${name}.`
  const meant = nearest(name, names)
  if (meant !== undefined) return `${none} Did you mean ${meant}?`
  return names.size > MAX_NAMES ? none : `${none} There are: ${[...names].sort().join(', ')}.`
}
