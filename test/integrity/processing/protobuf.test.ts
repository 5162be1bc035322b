import assert from 'node:assert/strict'
import test from 'node:test'
import { schemasFolder } from '../../../dev/synthetic/protobuf.ts'
import { printFigures, readFailed, settled } from '../support/accounting.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RECORDS = sizeOf('RECORDS', 6_000)

test('of a Protocol Buffers topic every message is handled, or kept if it is damaged', async (t) => {
  const scene = await createScene(t, { topic: 'solana.tokens.proto' })
  const { ids, expected } = await scene.produce({
    count: RECORDS,
    format: 'protobuf',
    poisonShare: 0.02,
    lz4Share: 0.5,
  })
  const service = await scene.start({ OCC_DECODE_PROTOBUF_SCHEMAS: schemasFolder })
  const result = await settled(scene.folder, ids)
  const errors = new Map<string, number>()
  for (const { errorType } of readFailed(scene.folder)) {
    errors.set(errorType, (errors.get(errorType) ?? 0) + 1)
  }
  printFigures('protobuf', {
    'records in': result.produced,
    handled: result.handled,
    'kept as failed': result.failed,
    'damaged in': expected.poison,
    ...Object.fromEntries([...errors].map(([error, count]) => [`  ${error}`, count])),
    lost: result.lost,
    duplicated: result.repeated,
  })
  assert.deepEqual(result.lostIds, [])
  assert.equal(result.repeated, 0)
  assert.equal(result.failed, expected.poison, 'what is damaged, and nothing else, is kept')
  assert.ok((errors.get('OCC_PROTOBUF_INVALID') ?? 0) > 0)
  assert.equal(await service.terminate(), 0)
})
