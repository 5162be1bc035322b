import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createWriteThrough } from '../../../../src/cli/terminal/write-through.ts'

const MODULE = join(import.meta.dirname, '../../../../src/cli/terminal/write-through.ts')

/** A standard output that accepts a number of bytes, then fails. */
function create() {
  const out = { room: Number.POSITIVE_INFINITY, code: 'EAGAIN', text: '', dropped: 0, tries: 0 }
  const recovered: Array<readonly [number, string]> = []
  const write = createWriteThrough(
    1,
    {
      dropped() {
        out.dropped += 1
      },
      recovered: (lines, code) => void recovered.push([lines, code]),
    },
    (_, bytes) => {
      const taken = Math.min(out.room, bytes.length)
      out.tries += 1
      if (taken === 0) throw Object.assign(new Error('no'), { code: out.code })
      out.text += Buffer.from(bytes.subarray(0, taken)).toString()
      out.room -= taken
      return taken
    },
  )
  return { out, recovered, write }
}

test('what was written to a full pipe is there after process.exit', async () => {
  const script = `
    import { createWriteThrough } from ${JSON.stringify(MODULE)}
    const fail = () => process.exit(2)
    const write = createWriteThrough(1, { dropped: fail, recovered: fail })
    // Touching the stream puts the pipe into non-blocking mode, as in the service.
    process.stdout.write('')
    for (let line = 0; line < 40; line++) write('ü'.repeat(50_000) + '\\n')
    process.exit(0)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const written = await text(child.stdout)
  assert.deepEqual(await closed, [0, null])
  assert.equal(written, `${'ü'.repeat(50_000)}\n`.repeat(40))
})

test('without a reader or with a full disk lines are dropped and counted, then written again', () => {
  for (const code of ['EPIPE', 'ENOSPC', 'EIO', 'EBADF']) {
    const { out, recovered, write } = create()
    Object.assign(out, { room: 0, code })
    write('one\n')
    write('two\n')
    assert.deepEqual([out.text, out.dropped], ['', 2])
    out.room = 1_000
    write('three\n')
    assert.deepEqual([out.text, recovered], ['three\n', [[2, code]]])
    write('four\n')
    assert.deepEqual([out.text, recovered.length], ['three\nfour\n', 1])
  }
})

test('a stalled reader is waited for once; a partly written line is finished first', () => {
  const { out, recovered, write } = create()
  out.room = 6
  write('one\n')
  write('two\n')
  assert.ok(out.tries > 10, 'it waited')
  out.tries = 0
  for (let line = 0; line < 1_000; line++) write('more\n')
  assert.equal(out.tries, 1_000, 'and does so only once')
  assert.deepEqual([out.text, out.dropped], ['one\ntw', 1_000])
  out.room = 1_000
  write('three\n')
  assert.equal(out.text, 'one\ntwo\nthree\n')
  assert.deepEqual(recovered, [[1_000, 'EAGAIN']])
})
