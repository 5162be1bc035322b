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
const NAMED = {
  '--error-type': { key: 'errorTypes', of: ({ errorType }: StoredLetter) => [errorType] },
  '--topic': { key: 'topics', of: ({ record }: StoredLetter) => [record.topic] },
  '--handler': { key: 'handlers', of: handlersOf },
} as const

/**
 * After a filter that no letter matches: says on standard error which of its names no letter has at all, and
 * which was probably meant.
 */
export async function sayMeant(store: DeadLetterStore, wanted: Wanted, io: Io): Promise<void> {
  const given = Object.entries(NAMED).filter(([, { key }]) => wanted[key] !== undefined)
  if (given.length === 0) return
  const { errorTypes: _, topics: __, handlers: ___, ...others } = wanted
  const there = given.map(() => new Set<string>())
  for await (const letter of limited(store, others, MOST, undefined, { outlines: true })) {
    given.forEach(([, { of }], index) => {
      for (const name of of(letter)) there[index]?.add(name)
    })
  }
  given.forEach(([flag, { key }], index) => {
    const names = there[index] ?? new Set()
    for (const name of wanted[key] ?? []) {
      if (names.size > 0 && !names.has(name)) io.stderr.write(`${lineOf(flag, name, names)}\n`)
    }
  })
}

function lineOf(flag: string, name: string, names: ReadonlySet<string>): string {
  const none = `No dead letter has ${flag} ${name}.`
  const meant = nearest(name, names)
  if (meant !== undefined) return `${none} Did you mean ${meant}?`
  return names.size > MAX_NAMES ? none : `${none} There are: ${[...names].sort().join(', ')}.`
}
