import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { OccError } from '../../../../../src/kernel/errors.ts'
import { systemClock } from '../../../../../src/kernel/time/clock.ts'
import { createFallbackStore } from '../../../../../src/sink/dead-letters/fallback/store.ts'
import { createFileStore } from '../../../../../src/sink/dead-letters/file/store.ts'
import { createFileTarget } from '../../../../../src/sink/dead-letters/file/target.ts'
import { letterOf, listed } from '../../../../support/letters.ts'

const NOON = Date.UTC(2025, 0, 2, 12)
const error = new OccError('OCC_RECORD_TOO_LARGE', 'too large')

/** Two places of real files, and the store that joins them. */
function setting(t: TestContext) {
  const [first, second] = ['first', 'second'].map((name) => {
    const folder = mkdtempSync(join(tmpdir(), `fallback-${name}-`))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const sizes = { maxFileBytes: 1e9, maxFileAge: 1e9, maxBytes: 1e9 }
    return {
      target: createFileTarget({ folder, ...sizes, writer: 'pod' }, systemClock),
      store: createFileStore({ folder, writer: 'cli' }, systemClock),
    }
  })
  assert.ok(first && second)
  return { first, second, both: createFallbackStore(first.store, second.store, '/fallback') }
}

for (const [name, filter] of [
  ['is newer', { since: NOON }],
  ['has another error', { errorTypes: ['OCC_JSON'] }],
] as const) {
  test(`a letter whose copy in the first store ${name} ends in both`, async (t) => {
    const { first, second, both } = setting(t)
    await second.target.keep(letterOf(1, { failedAt: NOON - 1_000, error }))
    await second.target.keep(letterOf(2, { failedAt: NOON - 1_000, error }))
    await first.target.keep(letterOf(1, { failedAt: NOON + 1_000 }))
    const found = await listed(both, filter)
    assert.deepEqual(
      found.map(({ record, keptIn }) => [record.offset, keptIn]),
      [[1, undefined]],
    )
    await both.end(found, 'dropped')
    assert.deepEqual(await listed(first.store), [])
    assert.deepEqual(
      (await listed(both)).map(({ record, keptIn }) => [record.offset, keptIn]),
      [[2, '/fallback']],
    )
  })
}

test('a letter whose copy in the fallback is newer is marked and ended in both', async (t) => {
  const { first, second, both } = setting(t)
  await first.target.keep(letterOf(1, { failedAt: NOON }))
  await second.target.keep(letterOf(1, { failedAt: NOON + 1_000, error }))
  const found = await listed(both)
  assert.equal(found.length, 1)
  await both.sending(found)
  for (const { store } of [first, second]) {
    assert.ok((await listed(store)).every(({ sendingSince }) => sendingSince !== null))
  }
  await both.end(found, 'redriven')
  assert.deepEqual(await listed(both), [])
})

test('a letter that fails again after it was listed is a new one', async (t) => {
  const { first, second, both } = setting(t)
  await first.target.keep(letterOf(1, { failedAt: NOON }))
  await second.target.keep(letterOf(1, { failedAt: NOON + 1_000, error }))
  const found = await listed(both)
  await second.target.keep(letterOf(1, { failedAt: NOON + 2_000, error }))
  await both.end(found, 'redriven')
  assert.deepEqual(
    (await listed(both)).map(({ failedAt, keptIn }) => [failedAt, keptIn]),
    [[NOON + 2_000, '/fallback']],
  )
})
