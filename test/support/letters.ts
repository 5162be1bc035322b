import { CodedError } from '../../src/kernel/errors.ts'
import type { DeadLetter } from '../../src/kernel/shapes/dead-letter.ts'
import { headersFrom, type KafkaRecord } from '../../src/kernel/shapes/record.ts'
import type {
  DeadLetterStore,
  LetterFilter,
  Reading,
  StoredLetter,
} from '../../src/sink/dead-letters/types.ts'

export function letterOf(offset: number, over: Partial<DeadLetter> = {}): DeadLetter {
  return {
    record: recordAt(offset),
    error: new CodedError('OCC_JSON', 'not JSON: "{"'),
    handler: null,
    attempts: 1,
    failedAt: Date.UTC(2025, 0, 2, 3, 4, 5, 6),
    redrives: 0,
    group: 'transfers-group',
    ...over,
  }
}

export function recordAt(offset: number, over: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 'transfers',
    partition: 1,
    offset,
    timestamp: Date.UTC(2025, 0, 2),
    key: Buffer.from(`key-${offset}`),
    value: Buffer.from(`value-${offset}`),
    headers: undefined,
    ...over,
  }
}

/** Names that mean something to JavaScript, JSON, a database or us; nulls, and several of a name. */
export function oddHeaders(): NonNullable<KafkaRecord['headers']> {
  const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  return headersFrom([
    ['one', everyByte],
    ['none', null],
    ['no bytes', Buffer.alloc(0)],
    ['many', [Buffer.from('a'), Buffer.from('b')]],
    ['some', [Buffer.from('x'), null, Buffer.alloc(0), null]],
    ['error_type', Buffer.from("the record's own")],
    ['error_message', [Buffer.from('two'), null]],
    ['occ-null-headers', Buffer.from('[["one", 0]]')],
    ['constructor', Buffer.from('c')],
    ['toString', [null, Buffer.from('t')]],
    ['__proto__', Buffer.from('p')],
    ['hasOwnProperty', null],
    ['\\u0000', Buffer.from('six characters')],
    ['\\\\u0000\\', Buffer.from('more of them')],
    ['a\0b', [Buffer.from('a zero'), null]],
    ['a\ufffdb', Buffer.from('and what stood for it')],
    ['', Buffer.from('no name')],
    ['"é 😀', Buffer.from('e')],
  ])
}

export async function listed(
  store: DeadLetterStore,
  filter: LetterFilter = {},
  reading: Reading = {},
) {
  const letters: StoredLetter[] = []
  for await (const letter of store.list(filter, reading)) letters.push(letter)
  return letters
}
