import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

const MODULE = join(import.meta.dirname, '../../../src/cli/write-through.ts')

test('what is written to a pipe that is full is there after process.exit', async () => {
  const script = `
    import { writeThrough } from ${JSON.stringify(MODULE)}
    // Touching the stream puts the pipe into non-blocking mode, as in the service.
    process.stdout.write('')
    for (let line = 0; line < 40; line++) writeThrough(1, 'ü'.repeat(50_000) + '\\n')
    process.exit(0)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const written = await text(child.stdout)
  assert.deepEqual(await closed, [0, null])
  assert.equal(written, `${'ü'.repeat(50_000)}\n`.repeat(40))
})
