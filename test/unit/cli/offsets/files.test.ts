import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { readPlan } from '../../../../src/cli/offsets/files.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

test('a plan file that cannot be used is one line with the reason and the remedy', (t) => {
  const folder = temporaryFolder(t)
  const yaml = join(folder, 'config.yaml')
  writeFileSync(yaml, 'kafka:\n  brokers: []\n')
  for (const [path, why] of [
    [folder, 'it is a folder'],
    [join(folder, 'none.json'), 'there is no such file'],
    [yaml, 'it is not JSON'],
  ] as const) {
    assert.throws(() => readPlan(path), {
      code: 'OCC_OFFSETS_FILE',
      message: `The plan file ${path} cannot be used: ${why}. Name a file that offsets export wrote, or the undo of a change.`,
    })
  }
})
