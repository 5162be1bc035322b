import assert from 'node:assert/strict'
import test from 'node:test'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { addMeters, createMeterReader } from '../../../src/workers/meter-delta.ts'

test("every field of a worker's meters is transferred once", () => {
  const [worker, main] = [createMeters(), createMeters()]
  const read = createMeterReader(worker)
  const tell = () => {
    const delta = read(true)
    if (delta !== null) addMeters(main, structuredClone(delta))
    return delta
  }
  assert.equal(tell(), null)
  for (const round of [1, 2]) {
    for (const meter of [worker.topic('t'), worker.handler('h'), worker.process]) {
      for (const [name, field] of Object.entries(meter)) {
        if (typeof field === 'number') Object.assign(meter, { [name]: field + round })
        else if (field instanceof Map) field.set('a', (field.get('a') ?? 0) + round)
        else if ('observe' in field) field.observe(round)
        else for (const label of ['a', 'b']) field[label] = (field[label] ?? 0) + round
      }
    }
    tell()
    assert.equal(tell(), null)
    // A histogram is its functions: what it shows is compared.
    const shown = (one: typeof main) =>
      JSON.stringify([one.topic('t'), one.handler('h'), one.process], (_, value) => {
        if (value instanceof Map) return Object.fromEntries(value)
        return typeof value?.snapshot === 'function' ? value.snapshot() : value
      })
    assert.equal(shown(main), shown(worker))
  }
})

test('what is counted for the process waits for a full read', () => {
  const meters = createMeters()
  const read = createMeterReader(meters)
  meters.process.strays.rejection += 1
  meters.topic('t').records += 1
  assert.deepEqual(Object.keys(read(false)?.topics ?? {}), ['t'])
  assert.equal(read(false), null)
  const full = read(true)
  assert.deepEqual(full?.process['process']?.labelled, { strays: { rejection: 1 } })
  assert.equal(read(true), null)
})
