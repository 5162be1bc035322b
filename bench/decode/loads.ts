import { encodeMessage } from '../../dev/synthetic/protobuf.ts'
import { createRandom } from '../../dev/synthetic/random.ts'
import { createSynthesizer } from '../../dev/synthetic/synthesizer.ts'

/** Messages of one topic, as large as they are there. */
export interface Load {
  readonly topic: string
  readonly name: string
  /** Module and class of Python. */
  readonly python: readonly [string, string]
  /** Makes them, a second of work. The same bytes each time, if each load makes its own once, in their order. */
  values(): readonly Buffer[]
  /** Fields from a message to the hashes of its transactions, lists included. */
  readonly hashes: readonly string[]
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

export const loads: readonly Load[] = [
  {
    ...{ topic: 'solana.tokens.proto', name: 'solana_messages.TokenBlockMessage' },
    python: ['solana.token_block_message_pb2', 'TokenBlockMessage'],
    hashes: ['Transactions', 'Signature'],
    values: () => many(200, () => tokens.next().value),
  },
  {
    ...{ topic: 'eth.dextrades.proto', name: 'evm_messages.DexBlockMessage' },
    python: ['evm.dex_block_message_pb2', 'DexBlockMessage'],
    hashes: ['Trades', 'TransactionHeader', 'Hash'],
    values: () =>
      many(100, () =>
        encodeMessage('evm_messages.DexBlockMessage', { ...evmBlock(), Trades: many(16, trade) }),
      ),
  },
  {
    ...{ topic: 'eth.raw.proto', name: 'evm_messages.BlockMessage' },
    python: ['evm.block_message_pb2', 'BlockMessage'],
    hashes: ['Transactions', 'TransactionHeader', 'Hash'],
    values: () =>
      many(20, () =>
        encodeMessage('evm_messages.BlockMessage', {
          ...evmBlock(),
          Transactions: many(22, transaction),
        }),
      ),
  },
]
