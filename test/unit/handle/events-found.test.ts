import assert from 'node:assert/strict'
import test from 'node:test'
import { createSynthesizer } from '../../../dev/synthetic/synthesizer.ts'
import { createDecoder } from '../../../src/decode/decoder.ts'
import type { DecodedMessage, Decoder } from '../../../src/decode/types.ts'
import type { SingleHandler } from '../../../src/handle/api/types.ts'
import { createPipeline, type PipelineOptions, TOPIC } from './parts.ts'

const { value } = createSynthesizer({ seed: 1, stream: 'solana', lz4Share: 1 }).at(0)

/** A pipeline with the real decoder; tells of which messages the events were looked for. */
function createWatched(handle: SingleHandler['handle'] | null, options: PipelineOptions = {}) {
  const messages: DecodedMessage[] = []
  const real = createDecoder({ topics: [], maxMessageBytes: 1_000_000 })
  const decoder: Decoder = {
    ...real,
    decode(record) {
      const result = real.decode(record)
      if (result.ok) messages.push(result.message)
      return result
    },
  }
  const handlers = handle === null ? [] : [{ name: 'one', handle }]
  const it = createPipeline(handlers, { window: 0, ...options, decoder })
  const process = (offset: number) =>
    it.pipeline.process(
      { topic: TOPIC, partition: 3, offset, timestamp: 0, key: null, value, headers: undefined },
      it.signal,
    )
  return { ...it, process, found: () => messages.map(({ eventsFound }) => eventsFound) }
}

test('events that nobody reads are not looked for, and not counted', async () => {
  for (const handle of [null, () => {}, async () => {}]) {
    const it = createWatched(handle)
    await it.process(1)
    assert.deepEqual(it.found(), [false])
    assert.equal(it.meter.events, 0)
  }
})

test('events that a handler, a filter or the window of duplicates reads are counted, once a record', async () => {
  let read = 0
  const reading: SingleHandler['handle'] = ({ events }) => {
    read = events.length
  }
  const byHandler = createWatched(reading)
  await byHandler.process(1)
  assert.ok(read > 0)
  assert.equal(byHandler.meter.events, read)
  const byWindow = createWatched(() => {}, { window: 100 })
  await byWindow.process(1)
  assert.deepEqual([byWindow.found(), byWindow.meter.events], [[true], read])
  const byFilter = createWatched(null, { filter: () => false })
  await byFilter.process(1)
  assert.deepEqual([byFilter.meter.events, byFilter.meter.filteredEvents], [read, read])
})

test('events that only a later attempt reads are counted with that one, and no more', async () => {
  let attempts = 0
  const it = createWatched((message, { retry }) => {
    attempts++
    if (attempts === 1) return retry()
    return message.events.length === 0 || attempts < 3 ? retry() : undefined
  })
  await it.process(1)
  assert.equal(it.meter.events, 0)
  await it.process(1)
  const { events } = it.meter
  assert.ok(events > 0)
  assert.deepEqual(await it.process(1), { kind: 'ok', handlers: ['one'] })
  assert.equal(it.meter.events, events)
})
