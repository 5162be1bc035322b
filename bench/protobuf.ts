// node_modules/.bin/node bench/protobuf.ts: what reading Protocol Buffers costs, beside protobufjs and Python's classes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeMessage, messageType, schemasFolder } from '../dev/synthetic/protobuf.ts'
import { createRandom } from '../dev/synthetic/random.ts'
import { createSynthesizer } from '../dev/synthetic/synthesizer.ts'
import { createDecoder } from '../src/decode/decoder.ts'
import type { KafkaRecord } from '../src/kernel/shapes/record.ts'
import { measure, type Timed } from './decode/measure.ts'
import { count, readFlags } from './flags.ts'

const settings = readFlags(
  'node_modules/.bin/node bench/protobuf.ts',
  {
    rounds: { value: 'N', about: 'of each, the median counts; default: 7' },
    milliseconds: { value: 'N', about: 'of each round; default: 300' },
    python: {
      value: 'PATH',
      about: 'a python with bitquery-pb2-kafka-package, to compare with; default: none',
    },
  },
  ({ rounds, milliseconds, python }) => ({
    rounds: count('rounds', rounds, 7),
    milliseconds: count('milliseconds', milliseconds, 300),
    python,
  }),
)

interface Load {
  readonly topic: string
  readonly name: string
  /** Module and class of Python. */
  readonly python: readonly [string, string]
  readonly values: readonly Buffer[]
}

const random = createRandom(11, 0, 0)
const bytes = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)))
const many = <Item>(length: number, make: (index: number) => Item) =>
  Array.from({ length }, (_, index) => make(index))
/** Addresses recur as they do on chain. */
const addresses = many(500, () => bytes(20))
const pick = () => addresses[random.below(addresses.length)] as Buffer

const evmBlock = () => ({
  Chain: { ChainId: Buffer.of(1), Config: 'c'.repeat(1500) },
  Header: {
    ...{ Hash: bytes(32), ParentHash: bytes(32), Number: bytes(4), Time: 1_700_000_000 },
    ...{ Bloom: bytes(256), Root: bytes(32), TxHash: bytes(32), ReceiptHash: bytes(32) },
  },
})
const evmTransaction = () => ({
  ...{ Hash: bytes(32), From: pick(), To: pick(), Value: bytes(8), Gas: 90_000 },
  ...{ Data: bytes(200), Nonce: random.below(5000), GasPrice: bytes(5), ChainId: Buffer.of(1) },
})
const token = () => ({
  ...{ SmartContract: pick(), Symbol: 'USDT', Name: 'Tether USD', Decimals: 6 },
  ...{ Fungible: true, ProtocolName: 'erc20', TotalSupply: bytes(10) },
})
const signature = () => ({ R: bytes(32), S: bytes(32), V: bytes(1) })

/** A trade of about 1 kB, as on eth.dextrades.proto. */
const trade = (index: number) => ({
  ...{ TransactionIndex: 5, CallIndex: 7, LogIndex: index, HasLog: true, Success: true },
  Dex: {
    SmartContract: pick(),
    ProtocolName: 'uniswap_v3',
    ProtocolFamily: 'Uniswap',
    Pair: token(),
  },
  Buy: {
    Buyer: pick(),
    Seller: pick(),
    Assets: [{ Currency: token(), Amount: bytes(8) }],
  },
  Sell: {
    Buyer: pick(),
    Seller: pick(),
    Assets: [{ Currency: token(), Amount: bytes(9) }],
  },
  ...{ Sender: pick(), Index: index, TransactionHeader: evmTransaction() },
  TransactionSignature: signature(),
})

/** One transaction of about 15 kB, most of it logs. */
const transaction = () => ({
  ...{ TransactionHeader: { ...evmTransaction(), Data: bytes(1500) }, Signature: signature() },
  Receipt: {
    ReceiptHeader: { Status: 1, GasUsed: 900_000, Bloom: bytes(256), Type: 2 },
    Logs: many(40, (index) => ({
      LogHeader: { Index: index, Address: pick(), Data: bytes(160) },
      Topics: many(3, (number) => ({ Index: number, Hash: bytes(32) })),
    })),
  },
})

const tokens = createSynthesizer({
  seed: 1,
  stream: 'solana',
  format: 'protobuf',
  messageBytes: 25_000,
  lz4Share: 0,
})

const loads: readonly Load[] = [
  {
    ...{ topic: 'solana.tokens.proto', name: 'solana_messages.TokenBlockMessage' },
    python: ['solana.token_block_message_pb2', 'TokenBlockMessage'],
    values: many(200, () => tokens.next().value),
  },
  {
    ...{ topic: 'eth.dextrades.proto', name: 'evm_messages.DexBlockMessage' },
    python: ['evm.dex_block_message_pb2', 'DexBlockMessage'],
    values: many(100, () =>
      encodeMessage('evm_messages.DexBlockMessage', { ...evmBlock(), Trades: many(16, trade) }),
    ),
  },
  {
    ...{ topic: 'eth.raw.proto', name: 'evm_messages.BlockMessage' },
    python: ['evm.block_message_pb2', 'BlockMessage'],
    values: many(20, () =>
      encodeMessage('evm_messages.BlockMessage', {
        ...evmBlock(),
        Transactions: many(22, transaction),
      }),
    ),
  },
]

const decoder = createDecoder({
  ...{ topics: [], protobuf: { schemas: schemasFolder } },
  maxMessageBytes: 32 * 1024 * 1024,
})
let kept: unknown

function recordOf(topic: string, value: Buffer): KafkaRecord {
  return { topic, partition: 0, offset: 0, timestamp: 0, key: null, value, headers: undefined }
}

function messageOf(record: KafkaRecord) {
  const result = decoder.decode(record)
  if (!result.ok) throw result.error
  return result.message
}

function timed({ topic, name, values }: Load): Timed[] {
  const records = values.map((value) => recordOf(topic, value))
  // dev/synthetic keeps its own schemas, which no decoder has made strict.
  const type = messageType(name)
  const each = (action: (record: KafkaRecord) => unknown) => () => {
    for (const record of records) kept = action(record)
  }
  return [
    { name: 'events', pass: each((record) => messageOf(record).events) },
    {
      name: 'events and document',
      pass: each((record) => [messageOf(record).events, messageOf(record).document]),
    },
    { name: 'protobufjs decode', pass: each(({ value }) => type.decode(value as Buffer)) },
    {
      name: 'protobufjs decode and toObject',
      pass: each(({ value }) =>
        type.toObject(type.decode(value as Buffer), {
          longs: String,
          bytes: String,
          enums: String,
        }),
      ),
    },
  ]
}

/** Microseconds a message with Python's classes: parsed alone, and the fields of events read. */
function python(
  path: string,
  { values, python: [module, name], topic }: Load,
): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'occ-bench-'))
  try {
    const lengths = Buffer.alloc(4 * values.length)
    for (const [index, value] of values.entries()) lengths.writeUInt32LE(value.length, 4 * index)
    writeFileSync(join(folder, 'values'), Buffer.concat([lengths, ...values]))
    const args = [join(import.meta.dirname, 'decode/protobuf.py'), join(folder, 'values')]
    const rest = [String(values.length), module, name, topic]
    const { status, stdout, stderr } = spawnSync(path, [...args, ...rest], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const load of loads) {
  const { values, topic } = load
  const total = values.reduce((sum, { length }) => sum + length, 0)
  const results = measure(timed(load), values.length, settings)
  if (settings.python !== undefined) {
    for (const [name, value] of Object.entries(python(settings.python, load)))
      results.set(name, value)
  }
  const first = results.get('events') ?? Number.NaN
  console.log(`\n${topic}, ${Math.round(total / values.length)} bytes a message:`)
  console.table(
    Object.fromEntries(
      [...results].map(([name, microseconds]) => [
        name,
        {
          'us of CPU a message': microseconds.toFixed(1),
          'MB/s': (total / values.length / microseconds).toFixed(0),
          'times events': (microseconds / first).toFixed(2),
        },
      ]),
    ),
  )
}
if (kept === undefined) throw new Error('nothing was measured')
