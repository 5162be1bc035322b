import assert from 'node:assert/strict'
import test from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { serialize } from '../../../src/sink/emit/serialize.ts'
import { createThread } from '../../../src/workers/thread/thread.ts'

test('of two consecutive changes the newer one wins, however long the first takes', async (t) => {
  const { port1, port2 } = new MessageChannel()
  t.after(() => port2.close())
  const options = { logLevel: 'silent', atOnce: 1, read: () => [] } as const
  const { serve } = createThread(port1, createMeters(), options, serialize)
  const slow = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  const counts: unknown[] = []
  await serve({
    start: async () => {},
    openProcessor: () => assert.fail('no record'),
    async configure(data) {
      if (data === 'older') {
        asked.resolve()
        await slow.promise
      }
      counts.push(data)
      if (counts.length === 2) done.resolve()
    },
    close: async () => {},
  })
  port2.postMessage({ kind: 'configure', data: 'older' })
  port2.postMessage({ kind: 'configure', data: 'newer' })
  await asked.promise
  await new Promise((resolve) => setTimeout(resolve, 20))
  slow.resolve()
  await done.promise
  assert.deepEqual(counts, ['older', 'newer'])
})
