import assert from 'node:assert/strict'
import { readdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'
import { isCode, letterOf, NAME, offsetsOf, recordAt, targetIn } from './letters.ts'

test('past maxBytes letters are refused, until the file is moved away', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const limit = 1_000
  const target = targetIn(dirname(file), { maxBytes: limit })
  let kept = 0
  await assert.rejects(async () => {
    for (; kept < 100; kept++) await target.keep(letterOf(recordAt(kept)))
  }, isCode('OCC_DEAD_LETTERS_FULL'))
  assert.equal(offsetsOf(file).length, kept)
  assert.ok(kept > 0 && statSync(file).size <= limit)
  await assert.rejects(target.keep(letterOf(recordAt(kept))), /deadLetters\.file\.maxBytes/)
  renameSync(file, `${file}.1`)
  await target.keep(letterOf(recordAt(kept)))
  assert.deepEqual(offsetsOf(file), [kept])
})

test('the limit includes what an earlier run wrote', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  writeFileSync(file, `${'x'.repeat(999)}\n`)
  const target = targetIn(dirname(file), { maxBytes: 1_000 })
  await assert.rejects(target.keep(letterOf(recordAt(0))), isCode('OCC_DEAD_LETTERS_FULL'))
})

test('a full or old file is closed, and nothing in it is lost', async (t) => {
  const folder = temporaryFolder(t)
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => now }
  const target = targetIn(folder, { maxFileBytes: 1_000, maxFileAge: 60_000 }, clock)
  for (let offset = 0; offset < 5; offset++) {
    now += 1
    await target.keep(letterOf(recordAt(offset)))
  }
  const bySize = readdirSync(folder).length
  assert.ok(bySize > 1)
  now += 120_000
  await target.keep(letterOf(recordAt(5)))
  const names = readdirSync(folder)
  assert.equal(names.length, bySize + 1)
  for (const name of names) assert.ok(statSync(join(folder, name)).size <= 1_000)
  const kept = names.flatMap((name) => offsetsOf(join(folder, name)))
  assert.deepEqual(kept.sort(), [0, 1, 2, 3, 4, 5])
})

test('files that are closed at the same moment, as after the clock was set back, are all kept', async (t) => {
  const folder = temporaryFolder(t)
  const clock = { now: () => Date.parse('2026-01-31T12:00:00Z'), monotonic: () => 0 }
  const target = targetIn(folder, { maxFileBytes: 1 }, clock)
  for (let offset = 0; offset < 5; offset++) await target.keep(letterOf(recordAt(offset)))
  const kept = readdirSync(folder).flatMap((name) => offsetsOf(join(folder, name)))
  assert.deepEqual(kept.sort(), [0, 1, 2, 3, 4])
})

test('processes that share a folder write their own files, and share its limit', async (t) => {
  const folder = temporaryFolder(t)
  const one = targetIn(folder, { writer: 'pod-1', maxBytes: 800 })
  const two = targetIn(folder, { writer: 'pod-2', maxBytes: 800 })
  await one.keep(letterOf(recordAt(1)))
  await two.keep(letterOf(recordAt(2)))
  assert.deepEqual(readdirSync(folder).sort(), ['pod-1.ndjson', 'pod-2.ndjson'])
  await assert.rejects(two.keep(letterOf(recordAt(3))), isCode('OCC_DEAD_LETTERS_FULL'))
})
