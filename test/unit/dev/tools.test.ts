import assert from 'node:assert/strict'
import test from 'node:test'
import { locate, output } from '../../../dev/tools.ts'
import { describeFailure } from '../../../src/cli/run/failure.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** What somebody reads who calls a script that does this. */
function said(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return describeFailure(error)
  }
  return assert.fail('it did not fail')
}

test('a program that is nowhere and cannot be built is one message with the remedy, without a stack', (t) => {
  const { PATH } = process.env
  process.env['PATH'] = temporaryFolder(t)
  t.after(() => {
    process.env['PATH'] = PATH
  })
  t.mock.method(console, 'error', () => {})
  const tool = { name: 'no-such-tool', places: [], module: 'example.com/no-such-tool@v1.0.0' }
  assert.equal(
    said(() => locate(tool)),
    'no-such-tool is missing, and could not be built: install it, or Go to build it [spawnSync go ENOENT]',
  )
})

test('a program that fails is one message: what was called, and what it said', () => {
  const script = 'console.error("no such chart"); process.exit(3)'
  const text = said(() => output(process.execPath, ['-e', script]))
  assert.equal(text, `${process.execPath} -e ${script}: no such chart\n`)
})
