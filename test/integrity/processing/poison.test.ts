import assert from 'node:assert/strict'
import test from 'node:test'
import { poisonKinds } from '../../../dev/synthetic/types.ts'
import {
  longestPause,
  printFigures,
  readFailed,
  readHandled,
  settled,
} from '../support/accounting.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RECORDS = sizeOf('RECORDS', 15_000)

test('every kind of poison is recorded, stalls nothing, and leaves its neighbours alone', async (t) => {
  const scene = await createScene(t)
  const { ids, expected } = await scene.produce({
    count: RECORDS,
    poisonShare: 0.02,
    lz4Share: 0.7,
  })
  const service = await scene.start()
  const result = await settled(scene.folder, ids)
  const handled = readHandled(scene.folder)
  const failed = readFailed(scene.folder)
  const errors = new Map<string, number>()
  for (const { errorType } of failed) errors.set(errorType, (errors.get(errorType) ?? 0) + 1)
  const pause = longestPause(handled)
  printFigures('poison', {
    'records in': result.produced,
    handled: result.handled,
    'kept as failed': result.failed,
    'poison in': expected.poison,
    ...Object.fromEntries(poisonKinds.map((kind) => [`  ${kind}`, expected.poisonByKind[kind]])),
    ...Object.fromEntries([...errors].map(([error, count]) => [`  ${error}`, count])),
    lost: result.lost,
    duplicated: result.repeated,
    'longest pause of a partition (ms)': pause.ms,
  })
  assert.deepEqual(result.lostIds, [])
  assert.equal(result.repeated, 0)
  assert.equal(result.failed, expected.poison, 'all poison, and nothing but poison, is kept')
  assert.equal(new Set(failed.map(({ id }) => id)).size, expected.poison)
  for (const kind of poisonKinds) assert.ok(expected.poisonByKind[kind] > 0, `no ${kind} was made`)
  assert.equal(await service.terminate(), 0)
})
