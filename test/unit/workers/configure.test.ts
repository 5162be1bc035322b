import assert from 'node:assert/strict'
import test from 'node:test'
import { MessageChannel } from 'node:worker_threads'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { serialize } from '../../../src/sink/emit/serialize.ts'
import { createThread } from '../../../src/workers/thread/thread.ts'
import { kinds, recordAt, startWorkers } from './processing.ts'

test('a changed log level and changed rules of decoding reach the threads', async (t) => {
  const source = `export default {
    name: 'h',
    handle: ({ document }, { log }) => log.debug({ event: 'seen', document }, 'A line'),
  }`
  const { change, slice, lines, logged, processor } = await startWorkers(t, source)
  assert.deepEqual(kinds(await slice([recordAt(0)])), ['ok'])
  const text = { ...recordAt(1), value: Buffer.from('plain text') }
  assert.deepEqual(kinds(await slice([text])), ['retry OCC_JSON_INVALID'])
  assert.deepEqual([lines.filter(({ level }) => level === 'debug'), processor.format], [[], 'JSON'])
  await change({
    log: { level: 'debug' },
    decode: { topics: [{ pattern: '*', format: 'text' }] },
  })
  // Sent after the change, so it is handled with the change.
  assert.deepEqual(kinds(await slice([{ ...text, offset: 2 }])), ['ok'])
  const seen = await logged('seen')
  assert.deepEqual([seen.fields['document'], processor.format], ['plain text', 'UTF-8 text'])
})

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
