import assert from 'node:assert/strict'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import { createHandling } from '../../../src/app/create-handling.ts'
import type { EmitSource } from '../../../src/handle/load/loaded-handler.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import type { Replay } from '../../../src/kernel/shapes/replay.ts'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { configOf, folder, loadYaml } from '../config/support.ts'

const TOPIC = 'solana.transfers'
const SINGLE = `export default {
  name: 'told',
  async handle(message, { replay, emit }) { await emit('out', { offset: message.record.offset, replay }) },
}`
const BATCH = `export default {
  name: 'told',
  batch: { size: 10, within: 0 },
  async handle(messages, { replay, emit }) {
    await emit('out', { offsets: messages.map(({ record }) => record.offset), replay })
  },
}`

/** A handler that emits what its context says. */
async function handling(t: TestContext, code: string) {
  const path = join(folder(t, { 'told.mjs': code }), 'told.mjs')
  const config = configOf(loadYaml(t, `sink: {log: {mode: 'off'}}\nhandlers: [{path: ${path}}]`))
  const emitted: Array<{ value: unknown; source: EmitSource }> = []
  const handling = createHandling(config, {
    meters: createMeters(),
    clock: systemClock,
    log: silentLog,
    emit: async (source, _, value) => {
      emitted.push({ value, source })
    },
  })
  t.after(() => handling.close())
  await handling.start()
  const synthesizer = createSynthesizer({ seed: 1, stream: 'solana', partitions: 1 })
  const values = Array.from({ length: 20 }, () => synthesizer.next().value)
  const { signal } = new AbortController()
  const recordAt = (offset: number) => {
    const value = values[offset] ?? null
    return {
      topic: TOPIC,
      partition: 0,
      offset,
      timestamp: 0,
      key: null,
      value,
      headers: undefined,
    }
  }
  return {
    emitted,
    async handle(from: number, to: number, replay: Replay | null) {
      const processor = handling.openProcessor({ topic: TOPIC, partition: 0, replay })
      const records = Array.from({ length: to - from }, (_, index) => recordAt(from + index))
      if (processor.slice !== undefined) return processor.processSlice?.(records, signal, true)
      const outcomes = []
      for (const record of records) outcomes.push(await processor.process(record, signal))
      return outcomes.map((one) => (one.kind === 'skip' ? one.reason : one.kind))
    },
  }
}

test('below the end of a replay the context and what is emitted say so', async (t) => {
  const { handle, emitted } = await handling(t, SINGLE)
  await handle(0, 6, { from: 0, to: 4, deduplicates: false })
  assert.deepEqual(
    emitted.map(({ value, source }) => [value, source.replay]),
    [0, 1, 2, 3, 4, 5].map((offset) => [
      { offset, replay: offset < 4 },
      offset < 4 ? true : undefined,
    ]),
  )
})

test('a batch never has both kinds', async (t) => {
  const { handle, emitted } = await handling(t, BATCH)
  await handle(0, 6, { from: 0, to: 4, deduplicates: false })
  assert.deepEqual(
    emitted.map(({ value }) => value),
    [
      { offsets: [0, 1, 2, 3], replay: true },
      { offsets: [4, 5], replay: false },
    ],
  )
})

test('a replay is handled although it was handled before, unless it is asked otherwise', async (t) => {
  const { handle } = await handling(t, SINGLE)
  assert.deepEqual(await handle(0, 3, null), ['ok', 'ok', 'ok'])
  // The partition comes back without an operator: nothing is handled twice.
  assert.deepEqual(await handle(0, 3, null), ['duplicate', 'duplicate', 'duplicate'])
  const replay = { from: 1, to: 3, deduplicates: false }
  assert.deepEqual(await handle(1, 3, { ...replay, deduplicates: true }), [
    'duplicate',
    'duplicate',
  ])
  assert.deepEqual(await handle(1, 4, replay), ['ok', 'ok', 'ok'])
  assert.deepEqual(await handle(1, 4, null), ['duplicate', 'duplicate', 'duplicate'])
})
