import { recordName } from '../../kernel/shapes/record.ts'
import type { LetterKind, LetterKinds } from '../types.ts'

/** Codes and handlers are few; the bound is for a handler that makes up codes. */
const MAX_KINDS = 100
const OTHER = 'OTHER'

interface Kind extends Pick<LetterKind, 'handler' | 'code'> {
  count: number
  readonly first: number
  last: number
  sample: string
}

export function createLetterKinds(): LetterKinds {
  const kinds = new Map<string, Kind>()
  return {
    count({ record, error, handler, failedAt }) {
      const isFull = kinds.size >= MAX_KINDS && !kinds.has(keyOf(handler, error.code))
      const [by, code] = isFull ? [null, OTHER] : [handler, error.code]
      const key = keyOf(by, code)
      const kind = kinds.get(key)
      const sample = recordName(record)
      if (kind === undefined) {
        kinds.set(key, { handler: by, code, count: 1, first: failedAt, last: failedAt, sample })
        return
      }
      kind.count += 1
      kind.last = failedAt
      kind.sample = sample
    },
    kinds: () =>
      [...kinds.values()]
        .toSorted((a, b) => b.last - a.last)
        .map(({ first, last, ...kind }) => ({
          ...kind,
          first: new Date(first).toISOString(),
          last: new Date(last).toISOString(),
        })),
  }
}

const keyOf = (handler: string | null, code: string) => `${handler ?? ''} ${code}`
