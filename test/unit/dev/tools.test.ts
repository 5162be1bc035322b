import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { moduleFolder } from '../../../dev/go-module.ts'
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

function withoutPath(t: TestContext): void {
  const { PATH } = process.env
  process.env['PATH'] = temporaryFolder(t)
  t.after(() => {
    process.env['PATH'] = PATH
  })
}

test('a program that is nowhere and cannot be built is one message with the remedy, without a stack', (t) => {
  withoutPath(t)
  t.mock.method(console, 'error', () => {})
  const tool = { name: 'no-such-tool', places: [], module: 'example.com/no-such-tool@v1.0.0' }
  assert.equal(
    said(() => locate(tool)),
    'no-such-tool is missing, and could not be built: install it, or Go to build it [spawnSync go ENOENT]',
  )
})

test('sources that only Go could download are one message with the remedy', (t) => {
  withoutPath(t)
  assert.equal(
    said(() => moduleFolder('example.com/no-such-module@v1.0.0')),
    'The sources of example.com/no-such-module@v1.0.0 are missing, and could not be downloaded: install Go to download them [spawnSync go ENOENT]',
  )
})

test('a program that fails is one message: what was called, and what it said', () => {
  const script = 'console.error("no such chart"); process.exit(3)'
  const text = said(() => output(process.execPath, ['-e', script]))
  assert.equal(text, `${process.execPath} -e ${script}: no such chart\n`)
})
