import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { crc32c } from '../../../../src/broker/batch/crc32c.ts'
import { scanBatches } from '../../../../src/broker/batch/scan.ts'
import { registerCodecs } from '../../../../src/broker/topics/codecs.ts'
import { lz4Codec } from '../../../../src/decode/lz4/codec.ts'
import { createRandom } from '../../../support/random.ts'
import { CODECS, writeBatch } from '../../../support/records/record-batches.ts'
import { fetched, place } from './reading.ts'

const require = createRequire(import.meta.url)
const protocol = '../../../../node_modules/kafkajs/src/protocol'

interface TheirRecord {
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Record<string, unknown>
}

interface Encoded {
  readonly buffer: Buffer
}

const Bytes = require(`${protocol}/decoder.js`) as new (bytes: Buffer) => object
const decode = require(`${protocol}/recordBatch/v0/decoder.js`) as (
  bytes: object,
) => Promise<{ readonly records: readonly TheirRecord[] }>
const encodeRecord = require(`${protocol}/recordBatch/record/v0/index.js`) as (
  record: object,
) => Encoded
const { RecordBatch: encodeBatch } = require(`${protocol}/recordBatch/v0/index.js`) as {
  RecordBatch(batch: object): Promise<Encoded>
}
const theirCrc = require(`${protocol}/recordBatch/crc32C/crc32C.js`) as (bytes: Buffer) => number

registerCodecs(lz4Codec)

/** Our records of these bytes are those of kafkajs, each with all that it holds. */
async function assertSame(bytes: Buffer): Promise<void> {
  const theirs = (await decode(new Bytes(bytes))).records
  const ours = fetched(bytes).read()
  assert.deepEqual(
    ours.map(({ offset, timestamp, key, value, headers }) => ({
      offset: String(offset),
      timestamp: String(timestamp),
      key,
      value,
      headers: { ...headers },
    })),
    theirs.map(({ offset, timestamp, key, value, headers }) => ({
      offset: String(offset),
      timestamp: String(timestamp),
      key,
      value,
      headers,
    })),
  )
}

const random = createRandom(77)
const bytesOf = (length: number) => Buffer.from(Array.from({ length }, () => random(256)))
const maybe = (length: number) => (random(4) === 0 ? null : bytesOf(random(length)))

for (const codec of [0, 1]) {
  test(`batches that kafkajs writes are read as kafkajs reads them: ${CODECS[codec]}`, async () => {
    for (let round = 0; round < 15; round++) {
      const count = 1 + random(200)
      const records = Array.from({ length: count }, (_, index) =>
        encodeRecord({
          offsetDelta: index,
          timestampDelta: random(1_000_000),
          key: maybe(50),
          value: maybe(random(10) === 0 ? 20_000 : 300),
          headers: random(3) === 0 ? { a: bytesOf(3), b: [bytesOf(5), bytesOf(0), 'text'] } : {},
        }),
      )
      const { buffer } = await encodeBatch({
        compression: codec,
        firstOffset: 2 ** 40 + random(1_000_000),
        firstTimestamp: 1_700_000_000_000,
        maxTimestamp: 1_700_001_000_000,
        lastOffsetDelta: count - 1,
        records,
      })
      await assertSame(buffer)
      const { header } = scanBatches(place, buffer).batches[0] ?? {}
      assert.equal(header?.crc, theirCrc(buffer.subarray(21)) >>> 0)
      assert.equal(header?.crc, crc32c(buffer, 21))
    }
  })
}

for (const [codec, name] of CODECS.entries()) {
  test(`batches of our own writer, too: ${name}`, async () => {
    for (let round = 0; round < 20; round++) {
      const records = Array.from({ length: random(80) }, () => ({
        timestamp: 1_700_000_000_000 + random(2 ** 31) - 2 ** 30,
        key: maybe(50),
        value: maybe(400),
        headers:
          random(3) === 0
            ? ([
                ['a', maybe(9)],
                ['b', maybe(9)],
              ] as const)
            : [],
      }))
      await assertSame(
        writeBatch({ baseOffset: random(2 ** 31), records, codec, logAppendTime: random(2) === 0 }),
      )
    }
  })
}
