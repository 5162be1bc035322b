// node_modules/.bin/node bench/batch.ts: what taking record batches apart costs, beside kafkajs.
import { createRequire } from 'node:module'
import { createSynthesizer } from '../dev/synthetic/synthesizer.ts'
import { FetchedBatch } from '../src/broker/batch/fetched-batch.ts'
import { verifyCrc } from '../src/broker/batch/header.ts'
import { scanBatches } from '../src/broker/batch/scan.ts'
import { registerCodecs } from '../src/broker/topics/codecs.ts'
import { lz4Codec } from '../src/decode/lz4/codec.ts'
import { CODECS, type RecordToWrite, writeBatch } from '../test/support/records/record-batches.ts'
import { spread } from './decode/measure.ts'
import { count, readFlags } from './flags.ts'
import { median } from './report.ts'

const flags = readFlags(
  'node_modules/.bin/node bench/batch.ts',
  {
    rounds: { value: 'N', about: 'of each; default: 7' },
    milliseconds: { value: 'N', about: 'of each round; default: 60' },
    size: { value: 'BYTES', about: 'of a value; default: 1500' },
  },
  ({ rounds, milliseconds, size }) => ({
    rounds: count('rounds', rounds, 7),
    milliseconds: count('milliseconds', milliseconds, 60),
    size: count('size', size, 1_500),
  }),
)

const protocol = '../node_modules/kafkajs/src/protocol'
const require = createRequire(import.meta.url)
const KafkajsBytes = require(`${protocol}/decoder.js`) as new (bytes: Buffer) => object
const decodeByKafkajs = require(`${protocol}/recordBatch/v0/decoder.js`) as (
  bytes: object,
) => Promise<{ readonly records: readonly unknown[] }>

const place = { topic: 'chain', partition: 0, from: 0, endOffset: 0 }
const options = { maxBatchBytes: 64 * 1024 * 1024, lz4: lz4Codec }

function ours(bytes: Buffer, checkCrcs: boolean): number {
  let records = 0
  for (const batch of scanBatches(place, bytes).batches) {
    if (checkCrcs && !verifyCrc(batch.header, batch.bytes)) throw new Error('a wrong CRC')
    records += new FetchedBatch(batch.header, batch.bytes, place, options).read().length
  }
  return records
}

const synthesizer = createSynthesizer({
  seed: 1,
  stream: 'solana',
  messageBytes: flags.size,
  lz4Share: 0,
})

function recordsOf(bytes: number): RecordToWrite[] {
  const length = Math.max(1, Math.floor(bytes / flags.size))
  return Array.from({ length }, (_, index) => synthesizer.at(index)).map(({ key, value }) => ({
    key,
    value,
  }))
}

async function compare(): Promise<void> {
  registerCodecs(lz4Codec)
  const rows: Record<string, Record<string, string>> = {}
  for (const codec of [0, 1, 2, 3, 4]) {
    for (const kilobytes of codec === 0 ? [16, 128, 1024] : [16, 256]) {
      const records = recordsOf(kilobytes * 1024)
      const bytes = writeBatch({ records, codec })
      const row: Record<string, string> = { records: String(records.length) }
      for (const [name, samples] of await samplesInTurns(bytes, records.length)) {
        row[name] = spread(samples, 2)
        row[`${name}, records/s`] = (1e6 / median(samples)).toFixed(0)
      }
      rows[`${CODECS[codec]}, ${kilobytes} kB`] = row
    }
  }
  console.log(`Values of ${flags.size} bytes; sizes are of the batch before it is packed.`)
  console.log('Microseconds of CPU a record: least, median and most of the rounds, in turns.')
  console.table(rows)
}

const contestants: Record<string, (bytes: Buffer) => number | Promise<number>> = {
  ours: (bytes) => ours(bytes, false),
  'ours, CRC checked': (bytes) => ours(bytes, true),
  kafkajs: async (bytes) => (await decodeByKafkajs(new KafkajsBytes(bytes))).records.length,
}

/** As `samplesOf`, but for the decoder of kafkajs, which is asynchronous. */
async function samplesInTurns(bytes: Buffer, records: number): Promise<Map<string, number[]>> {
  const samples = new Map<string, number[]>()
  for (let round = -1; round < flags.rounds; round++) {
    for (const [name, read] of Object.entries(contestants)) {
      const start = process.cpuUsage()
      let passes = 0
      let microseconds = 0
      do {
        for (let batches = 0; batches < 10; batches++) {
          const answer = read(bytes)
          const count = typeof answer === 'number' ? answer : await answer
          if (count !== records) throw new Error(`${name}: records are missing`)
          passes++
        }
        const { user, system } = process.cpuUsage(start)
        microseconds = user + system
      } while (microseconds < flags.milliseconds * 1000)
      const before = samples.get(name) ?? []
      // The first round is for the compiler to warm up.
      if (round >= 0) samples.set(name, [...before, microseconds / passes / records])
    }
  }
  return samples
}

await compare()
