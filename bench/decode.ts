// node_modules/.bin/node bench/decode.ts: what decoding costs, stage by stage, and LZ4 readers beside each other.
import { isAscii } from 'node:buffer'
import { compressFrameSync } from 'lz4-napi'
import { createSynthesizer } from '../dev/synthetic/synthesizer.ts'
import { type JsonStream, streamTopics } from '../dev/synthetic/types.ts'
import { createDecoder } from '../src/decode/decoder.ts'
import { parseJson } from '../src/decode/json.ts'
import { quoteBigIntegers } from '../src/decode/json-integers.ts'
import { createLz4Reader } from '../src/decode/lz4/frame.ts'
import { createWantedReader } from '../src/decode/scan/scanner.ts'
import { union } from '../src/decode/scan/wanted-fields.ts'
import { findEvents } from '../src/decode/streams/find-events.ts'
import { streams } from '../src/decode/streams/index.ts'
import { decodeText } from '../src/decode/text.ts'
import { contestants } from './decode/lz4-contestants.ts'
import { measure, type Timed } from './decode/measure.ts'
import { recordOf } from './decode/records.ts'
import { count, readFlags } from './flags.ts'

const turns = readFlags(
  'node_modules/.bin/node bench/decode.ts',
  {
    rounds: { value: 'N', about: 'of each, the median counts; default: 7' },
    milliseconds: { value: 'N', about: 'of each round; default: 150' },
  },
  ({ rounds, milliseconds }) => ({
    rounds: count('rounds', rounds, 7),
    milliseconds: count('milliseconds', milliseconds, 150),
  }),
)

/** Enough different messages that the branch predictor cannot learn them by heart. */
function texts(stream: JsonStream, messageBytes: number): Buffer[] {
  const count = Math.min(300, Math.max(5, Math.round(3_000_000 / messageBytes)))
  const synthesizer = createSynthesizer({ seed: 1, stream, messageBytes, lz4Share: 0 })
  return Array.from({ length: count }, (_, index) => synthesizer.at(index).value).filter(
    (value) => value !== null,
  )
}

const meanBytes = (buffers: readonly Buffer[]) =>
  Math.round(buffers.reduce((sum, { length }) => sum + length, 0) / buffers.length)

let kept: unknown

function compareReaders(): void {
  for (const contentChecksum of [false, true]) {
    const rows: Record<string, Record<string, string>> = {}
    for (const bytes of [1_000, 3_600, 100_000, 1_000_000]) {
      const contents = texts('solana', bytes)
      const frames = contents.map((content) => compressFrameSync(content, { contentChecksum }))
      const timed: Timed[] = contestants.map(({ name, decode }) => ({
        name,
        pass: () => {
          for (let index = 0; index < frames.length; index++) {
            const frame = frames[index] as Buffer
            kept = decode(frame, (contents[index] as Buffer).length)
          }
        },
      }))
      const result = measure(timed, frames.length, turns)
      const first = result.get('ours') ?? Number.NaN
      for (const { name, unsafe } of contestants) {
        const microseconds = result.get(name) ?? Number.NaN
        const row = `${name}${unsafe === undefined ? '' : ' (unsafe)'}`
        rows[row] ??= {}
        rows[row][`${meanBytes(contents)} B`] =
          `${microseconds.toFixed(2)} us (${(microseconds / first).toFixed(2)})`
      }
    }
    console.log(`\nLZ4 frames, content checksum ${contentChecksum ? 'on' : 'off'}:`)
    console.log('microseconds of CPU a message, in brackets: times ours; median of rounds in turns')
    console.table(rows)
  }
}

function stages(stream: JsonStream, messageBytes: number): Record<string, string> {
  const contents = texts(stream, messageBytes)
  const frames = contents.map((content) => compressFrameSync(content))
  const strings = contents.map((content) => decodeText(content))
  const documents = contents.map((content) => parseJson(content))
  const wanted = createWantedReader(union(streams.map((stream) => stream.wanted)))
  const scanned = contents.map(wanted.scan)
  const records = frames.map((value, offset) => recordOf(streamTopics[stream], value, offset))
  const reader = createLz4Reader({ maxBytes: 32 * 1024 * 1024 })
  const open = () => createDecoder({ topics: [], maxMessageBytes: 32 * 1024 * 1024 })
  const [decoder, withDocuments] = [open(), open()]
  const each = <T>(items: readonly T[], action: (item: T) => unknown) => ({
    pass: () => {
      for (const item of items) kept = action(item)
    },
  })
  const timed: Timed[] = [
    { name: 'LZ4', ...each(frames, (frame) => reader.read(frame)) },
    { name: 'ASCII check alone', ...each(contents, (bytes) => isAscii(bytes)) },
    { name: 'UTF-8 check and string', ...each(contents, decodeText) },
    { name: 'big integers: find and quote', ...each(contents, quoteBigIntegers) },
    { name: 'JSON.parse alone', ...each(strings, (text) => JSON.parse(text)) },
    { name: 'bytes to document', ...each(contents, parseJson) },
    { name: 'scan', ...each(contents, wanted.scan) },
    {
      name: 'scan to wanted fields',
      ...each(scanned, (one) => (one === null ? null : wanted.parse(one))),
    },
    { name: 'events', ...each(documents, (document) => findEvents(document, streams)) },
    { name: 'decode', ...each(records, (record) => decoder.decode(record)) },
    {
      name: 'decode, events asked for',
      ...each(records, (record) => {
        const result = decoder.decode(record)
        return result.ok ? result.message.events : undefined
      }),
    },
    {
      name: 'decode, document asked for',
      ...each(records, (record) => {
        const result = withDocuments.decode(record)
        return result.ok ? result.message.document : undefined
      }),
    },
  ]
  const result = measure(timed, contents.length, turns)
  return Object.fromEntries([...result].map(([name, value]) => [name, `${value.toFixed(2)} us`]))
}

compareReaders()
console.log('\nStages, microseconds of CPU a message:')
console.table({
  'solana, 3.6 kB': stages('solana', 3_600),
  'solana, 100 kB': stages('solana', 100_000),
  'tron, 3.6 kB': stages('tron', 3_600),
})
if (kept === undefined) throw new Error('nothing was measured')
