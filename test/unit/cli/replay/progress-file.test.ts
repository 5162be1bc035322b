import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createProgress, readProgress } from '../../../../src/cli/replay/progress-file.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const range = { from: '2h', to: 'now', topic: null, handler: null }
const part = { topic: 't', partition: 0, first: 10, from: 10, to: 20, finished: [] }
const topics = { g: ['t'] }
const offset = { topic: 't', partition: 0, metadata: '' }

test('a replay continues where the file says, with what was finished above it', async (t) => {
  const file = join(temporaryFolder(t), 'progress.json')
  assert.equal(await readProgress(file, range, topics), null)
  const progress = createProgress(file, range, { g: [part] })
  const finished = [{ from: 15, to: 17 }]
  await progress.finished('g', [{ ...offset, offset: 13, finished }])
  assert.deepEqual([progress.done(), progress.total, progress.isOver()], [3, 10, false])
  assert.deepEqual(await readProgress(file, range, topics), {
    g: [{ ...part, from: 13, finished }],
  })
  assert.deepEqual(progress.left(4), ['t/0/13', 't/0/14', 't/0/17', 't/0/18'])
  await progress.finished('g', [{ ...offset, offset: 20, finished: [] }])
  assert.deepEqual(progress.left(4), [])
  const again = createProgress(file, range, (await readProgress(file, range, topics)) ?? {})
  assert.deepEqual([again.done(), again.isOver()], [10, true])
})

test('a part that ends early: what does not come is neither waited for nor named nor kept', async (t) => {
  const file = join(temporaryFolder(t), 'progress.json')
  const progress = createProgress(file, range, { g: [part, { ...part, partition: 1 }] })
  progress.end('g', { topic: 't', partition: 0 }, 14)
  await progress.finished('g', [{ ...offset, offset: 13, finished: [] }])
  assert.deepEqual([progress.isAtEnd(), progress.left(3)], [false, ['t/0/13', 't/1/10', 't/1/11']])
  const other = { ...offset, partition: 1, offset: 20, finished: [] }
  await progress.finished('g', [{ ...offset, offset: 14, finished: [] }, other])
  assert.deepEqual([progress.isAtEnd(), progress.isOver(), progress.left(3)], [true, false, []])
  const kept = await readProgress(file, range, topics)
  assert.deepEqual(
    kept?.['g']?.map(({ from, to }) => [from, to]),
    [
      [14, 20],
      [20, 20],
    ],
  )
})

test('a file of another replay, or with other content, is refused', async (t) => {
  const file = join(temporaryFolder(t), 'progress.json')
  await createProgress(file, range, { g: [part] }).finished('g', [])
  await assert.rejects(
    readProgress(file, { ...range, from: '3h' }, topics),
    /OccError: --progress .* is of another replay, with --from 2h; name a new file/,
  )
  await assert.rejects(
    readProgress(file, { ...range, handler: 'other' }, topics),
    /is of another replay, with --handler nothing/,
  )
  const ranges = JSON.stringify({
    version: 1,
    range,
    parts: { g: [{ ...part, finished: [null] }] },
  })
  for (const text of [ranges, '', '{}', '{"version":1,"range":{},"parts":{"g":[{"topic":"t"}]}}']) {
    writeFileSync(file, text)
    await assert.rejects(readProgress(file, range, topics), /is not the progress of a replay/, text)
  }
})

test('a file is refused once the configuration has other groups or topics: it would never be done', async (t) => {
  const file = join(temporaryFolder(t), 'progress.json')
  await createProgress(file, range, { g: [part] }).finished('g', [])
  for (const [now, message] of [
    [{ other: ['t'] }, /without the topic t of the group other; name a new file/],
    [{ g: ['t', 'u'] }, /is of another configuration, without the topic u of the group g/],
    [{ g: [] }, /with the topic t of the group g/],
  ] as const) {
    await assert.rejects(readProgress(file, range, now), { code: 'OCC_REPLAY_PROGRESS', message })
  }
})

test('a file that cannot be written is named, and not with a stack', async (t) => {
  const file = join(temporaryFolder(t), 'missing', 'progress.json')
  await assert.rejects(createProgress(file, range, { g: [part] }).finished('', []), {
    code: 'OCC_REPLAY_PROGRESS',
    message: /--progress .*missing.* cannot be written: ENOENT.*; name another file/,
  })
})
