import assert from 'node:assert/strict'
import test from 'node:test'
import { createKeeper } from '../../../../src/app/offsets/keep-letters.ts'
import type { Line } from '../../../../src/commit/transactions/line.ts'
import type { Submission } from '../../../../src/commit/transactions/submission.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import type { DeadLetter } from '../../../../src/kernel/shapes/dead-letter.ts'
import type { HeldRows } from '../../../../src/kernel/shapes/held-write.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'

const line = {} as Line
const record = { topic: 'T', partition: 0, offset: 7, timestamp: 5, key: null, value: null }
const error = new OccError('OCC_HANDLER_LOAD', 'no')
const letter = { record, handler: 'b', error, failedAt: 0 } as unknown as DeadLetter
const rows: HeldRows = {
  ...{ kind: 'rows', handler: 'a', sink: 's', offsets: [7] },
  ...{ rows: [['x']], bytes: 1 },
}

/** @param answers what becomes of each transaction, in turn; then they are committed */
function setUp(isJoined: boolean, ...answers: OccError[]) {
  const kept: Array<string | null> = []
  const written: Array<[letter: string | null, rows: number]> = []
  const letterMeter = createMeters().deadLetterTarget('postgres')
  let checks = 0
  const keep = createKeeper({
    deadLetters: {
      async keep({ handler }) {
        kept.push(handler)
      },
      async check() {
        checks += 1
      },
      async close() {},
    },
    letterMeter,
    isJoined,
    async write({ letter: own, writes, offsets }: Submission) {
      assert.deepEqual(offsets, [7])
      const problem = answers.shift()
      if (problem !== undefined) throw problem
      written.push([own?.handler ?? null, writes.length])
    },
  })
  return { keep, kept, written, letterMeter, checks: () => checks }
}

const refused = () => new OccError('OCC_EMIT_ROW', 'refused')
const away = () => new OccError('OCC_EMIT', 'away', { retriable: true })

test('a letter in the same database is written with its offset and the rows of other handlers', async () => {
  const { keep, kept, written, letterMeter } = setUp(true)
  await keep(letter, line, [rows])
  assert.deepEqual([kept, written, letterMeter.kept], [[], [['b', 1]], 1])
})

test('a letter elsewhere is kept first, and once, however often the rest has to be tried', async () => {
  const { keep, kept, written } = setUp(false, away())
  await assert.rejects(keep(letter, line, [rows]), { code: 'OCC_EMIT' })
  assert.deepEqual([kept, written], [['b'], []])
  await keep(letter, line, [rows])
  assert.deepEqual([kept, written], [['b'], [[null, 1]]])
})

test('without rows, a letter elsewhere needs no transaction', async () => {
  const { keep, kept, written } = setUp(false)
  await keep(letter, line, [])
  assert.deepEqual([kept, written], [['b'], []])
})

for (const isJoined of [true, false]) {
  test(`rows that are refused make it a letter for their handler, too (joined: ${isJoined})`, async () => {
    const { keep, kept, written } = setUp(isJoined, refused())
    await keep(letter, line, [rows])
    assert.deepEqual([kept, written], isJoined ? [[], [['b,a', 0]]] : [['b', 'b,a'], []])
  })
}

test('of several handlers, it is a letter for the one whose rows are refused; the others keep theirs', async () => {
  const { keep, written } = setUp(true, refused(), refused())
  const others = ['c', 'd'].map((handler): HeldRows => ({ ...rows, handler }))
  await keep(letter, line, [rows, ...others])
  // Without the rows of a it is refused, without those of c it is not.
  assert.deepEqual(written, [['b,c', 2]])
})

test('a table of letters that is missing is made by its target', async () => {
  const { keep, checks, letterMeter } = setUp(true, away())
  await assert.rejects(keep(letter, line, []), { code: 'OCC_EMIT' })
  assert.deepEqual([checks(), letterMeter.errors.get('OCC_EMIT')], [1, 1])
})

test('without a claim, a letter is kept as ever', async () => {
  const { keep, kept, written } = setUp(true)
  await keep(letter, undefined, [])
  assert.deepEqual([kept, written], [['b'], []])
})
