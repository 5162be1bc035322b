import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createDecoder } from '../../../../src/decode/decoder.ts'
import { createWantedReader } from '../../../../src/decode/scan/scanner.ts'

/** That all is read, and nothing scanned. */
function readsAll(): void {
  assert.equal(createWantedReader({ a: true }).scan(Buffer.from('{"a":1}')), null)
  const sample = join(
    import.meta.dirname,
    '../../../fixtures/solana.transfers.2-u64-precision.json',
  )
  const value = readFileSync(sample)
  const place = { topic: 't', partition: 0, offset: 0, timestamp: 0, key: null }
  const decoder = createDecoder({ topics: [], maxMessageBytes: 1_000_000 })
  const result = decoder.decode({ ...place, value, headers: undefined })
  assert.ok(result.ok)
  assert.equal(result.message.events[0]?.amount, 18_446_744_073_709_551_557n)
  assert.ok(Array.isArray(result.message.document))
}

test('a Node that has no memory for WebAssembly parses every value', () => {
  class Instance {
    constructor() {
      throw new RangeError('WebAssembly.Instance(): Out of memory')
    }
  }
  Reflect.set(Reflect.get(globalThis, 'WebAssembly'), 'Instance', Instance)
  readsAll()
})

test('a Node without WebAssembly parses every value', () => {
  Reflect.deleteProperty(globalThis, 'WebAssembly')
  readsAll()
})
