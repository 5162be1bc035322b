import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import test from 'node:test'
import { createOutput } from '../../../../src/cli/terminal/output.ts'

class SlowStream extends EventEmitter {
  readonly chunks: Buffer[] = []
  write(chunk: string | Uint8Array): boolean {
    this.chunks.push(Buffer.from(chunk))
    return false
  }
}

test('output waits for a slow reader, and nothing of it is lost or changed', async () => {
  const stream = new SlowStream()
  const output = createOutput(stream, new AbortController().signal)
  const parts = ['a', 'ü€𝄞'.repeat(60_000), Buffer.from([0, 255]), 'b']
  let isFull = false
  for (const part of parts) isFull = output.add(part)
  assert.equal(isFull, true)
  let isDone = false
  const flushed = output.flush().then(() => {
    isDone = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(isDone, false)
  // Meanwhile the first chunk must stay as it is.
  output.add('c')
  stream.emit('drain')
  await flushed
  void output.flush()
  const expected = Buffer.concat([...parts, 'c'].map((part) => Buffer.from(part)))
  assert.deepEqual(Buffer.concat(stream.chunks), expected)
  assert.equal(stream.listenerCount('drain'), 1)
})

test('output does not wait for a reader that is gone', async () => {
  const stream = new SlowStream()
  const gone = new AbortController()
  const output = createOutput(stream, gone.signal)
  output.add('a')
  const flushed = output.flush()
  gone.abort()
  await flushed
  output.add('b')
  await output.flush()
  assert.deepEqual([stream.chunks.length, stream.listenerCount('drain')], [1, 0])
})
