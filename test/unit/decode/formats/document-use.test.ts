import assert from 'node:assert/strict'
import test from 'node:test'
import { createDocumentUse } from '../../../../src/decode/formats/document-use.ts'

/** Reads the documents of that share of the scanned messages. Returns how many were parsed at once. */
function run(use: ReturnType<typeof createDocumentUse>, messages: number, share: number): number {
  let parsed = 0
  let owed = 0
  for (let index = 0; index < messages; index++) {
    if (use.isUsual()) {
      parsed++
      continue
    }
    owed += share
    if (owed < 1) continue
    owed--
    use.read()
  }
  return parsed
}

test('documents are parsed at once where nearly all are read, and no longer when few are', () => {
  const use = createDocumentUse()
  assert.equal(run(use, 640, 0.5), 0)
  assert.equal(run(use, 64, 1), 0)
  assert.ok(run(use, 1_000, 1) > 900)
  // Of sixteen messages one is scanned.
  run(use, 3_000, 0.1)
  assert.equal(run(use, 1_000, 0.1), 0)
})
