import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { namesFile, renderNames } from '../../../dev/names.ts'

test('src/kernel/names.ts matches the registries (npm run docs writes it)', () => {
  assert.equal(readFileSync(namesFile, 'utf8'), renderNames())
})
