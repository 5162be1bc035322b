import assert from 'node:assert/strict'
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'
import { isCode, letterOf, NAME, offsetsOf, recordAt, targetIn } from './letters.ts'

test('a file of an earlier run is appended to; a line torn by a crash damages no other', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  writeFileSync(file, '{"whole": 1}\n{"torn": ')
  const target = targetIn(dirname(file))
  await target.keep(letterOf(recordAt(7)))
  await target.keep(letterOf(recordAt(8)))
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.deepEqual(lines.slice(0, 2), ['{"whole": 1}', '{"torn": '])
  assert.deepEqual(
    lines.slice(2, -1).map((line) => JSON.parse(line).original_offset),
    [7, 8],
  )
})

test('after the file was moved away or deleted, records go to a new one', async (t) => {
  const file = join(temporaryFolder(t), NAME)
  const target = targetIn(dirname(file))
  await target.keep(letterOf(recordAt(0)))
  renameSync(file, `${file}.1`)
  await target.keep(letterOf(recordAt(1)))
  assert.deepEqual([offsetsOf(`${file}.1`), offsetsOf(file)], [[0], [1]])
  rmSync(file)
  await target.keep(letterOf(recordAt(2)))
  assert.deepEqual(offsetsOf(file), [2])
})

test('an unusable folder fails with its name, and works again once it is usable', async (t) => {
  const folder = temporaryFolder(t)
  const inTheWay = join(folder, 'a-file')
  writeFileSync(inTheWay, '')
  const file = join(inTheWay, NAME)
  const target = targetIn(dirname(file))
  await assert.rejects(target.keep(letterOf(recordAt(0))), (error: unknown) => {
    assert.ok(isCode('OCC_DEAD_LETTERS_WRITE')(error))
    assert.match(String(error), /a-file.*deadLetters\.file\.folder/)
    return true
  })
  rmSync(inTheWay)
  await target.keep(letterOf(recordAt(0)))
  assert.deepEqual(offsetsOf(file), [0])
})

test('on a full disk all waiting calls fail, no file stays open, and it works again later', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const file = join(temporaryFolder(t), NAME)
  symlinkSync('/dev/full', file)
  const target = targetIn(dirname(file))
  const keep = (offset: number) => target.keep(letterOf(recordAt(offset)))
  const openFiles = () => readdirSync('/proc/self/fd').length
  await assert.rejects(keep(0), isCode('OCC_DEAD_LETTERS_WRITE'))
  const before = openFiles()
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled([keep(1), keep(2)])
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected'],
    )
  }
  assert.equal(openFiles(), before)
  unlinkSync(file)
  await Promise.all([keep(1), keep(2)])
  assert.deepEqual(offsetsOf(file), [1, 2])
})

test('a failed write does not affect later records', {
  skip: !existsSync('/dev/full'),
}, async (t) => {
  const file = join(temporaryFolder(t), NAME)
  symlinkSync('/dev/full', file)
  const target = targetIn(dirname(file))
  const first = target.keep(letterOf(recordAt(0)))
  const second = first.catch(() => {
    unlinkSync(file)
    return target.keep(letterOf(recordAt(1)))
  })
  await assert.rejects(first)
  await second
  assert.deepEqual(offsetsOf(file), [1])
})

test('a file that is moved away during a write gets the letter again', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, NAME)
  const target = targetIn(folder)
  await target.keep(letterOf(recordAt(0)))
  const probe = await open(folder)
  t.after(() => probe.close())
  const handle = Object.getPrototypeOf(probe)
  const datasync = handle.datasync
  let taken = false
  t.mock.method(handle, 'datasync', async function (this: unknown) {
    await datasync.call(this)
    // As a redrive does that is done with all letters it has seen in the file.
    if (!taken) rmSync(file)
    taken = true
  })
  await target.keep(letterOf(recordAt(1)))
  assert.deepEqual(offsetsOf(file), [1])
})
