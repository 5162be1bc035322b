import assert from 'node:assert/strict'
import test from 'node:test'
import { watch } from '../../../../src/cli/terminal/watch.ts'
import { fakeStream } from '../../../support/fake-io.ts'

const LINES = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n')

async function once(stdout: ReturnType<typeof fakeStream> & { rows?: number }) {
  const over = new AbortController()
  // The second drawing is not printed any more.
  let drawn = 0
  await watch({ stdout }, 0, over.signal, async () => {
    drawn += 1
    if (drawn === 2) over.abort()
    return LINES
  })
  return stdout.written()
}

test('on a terminal the beginning stays on the screen, and what has no room is said', async () => {
  const text = await once({ ...fakeStream(true, 80), rows: 24 })
  const lines = text.trimEnd().split('\n')
  assert.equal(lines.length, 23)
  assert.match(lines[0] ?? '', /line 0$/)
  assert.equal(lines.at(-1), '... and 18 more lines: make the window higher')
})

test('a pipe gets all of it, without escape sequences', async () => {
  assert.equal(await once(fakeStream()), `${LINES}\n`)
})
