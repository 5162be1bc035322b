import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { namesFile, renderNames } from '../../../dev/names.ts'

test('src/kernel/names.ts is what the registries hold (npm run docs writes it)', () => {
  assert.equal(readFileSync(namesFile, 'utf8'), renderNames())
})
