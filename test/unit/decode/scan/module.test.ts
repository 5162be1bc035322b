import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { moduleFile, renderModule } from '../../../../dev/json-scan/main.ts'

test('the compiled scanner is that of its source', async () => {
  const expected = await renderModule()
  assert.ok(readFileSync(moduleFile, 'utf8') === expected, 'run npm run docs and commit the result')
})
