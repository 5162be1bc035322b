import { encodeMessage } from '../../../../dev/synthetic/protobuf.ts'
import { bytesOf } from './support.ts'

/** One message of each known kind, and its topic. */

const account = (seed: number, owner?: number) => ({
  Address: bytesOf(seed, 32),
  ...(owner === undefined ? {} : { Token: { Owner: bytesOf(owner, 32), Supply: 5n } }),
})

const mint = (seed: number) => ({
  ...{ Symbol: 'USDC', Name: 'a\u0000\u{1f600}', Decimals: 6, MintAddress: bytesOf(seed, 32) },
  TotalSupply: 2n ** 64n - 1n,
})

const solanaBlock = {
  Header: {
    ...{ Slot: 300_000_001n, Hash: bytesOf(1, 32), ParentHash: bytesOf(2, 32) },
    Timestamp: 1_700_000_000n,
  },
}

const solanaTransaction = (seed: number) => ({
  ...{ Index: 4, Signature: bytesOf(seed, 64), Status: { Success: true } },
  Header: {
    ...{ Fee: 5000n, FeePayer: bytesOf(seed + 1, 32), Signer: bytesOf(seed + 2, 32) },
    Accounts: [account(seed + 1), account(seed + 3)],
  },
})

export const amount64 = 2n ** 64n - 1n
export const amount256 = 2n ** 256n - 1n
const bytes256 = Buffer.alloc(32, 0xff)

const hash = (seed: number) => bytesOf(seed, 32)
const address = (seed: number) => bytesOf(seed, 20)
const transactionHeader = (seed: number) => ({
  ...{ Hash: hash(seed), From: address(seed + 1), To: address(seed + 2), Value: Buffer.of(1, 0) },
  ...{ Nonce: 3n, Data: bytesOf(9, 500) },
})
const token = (seed: number) => ({ SmartContract: address(seed), Symbol: 'USDT', Decimals: 6 })
const evmBlock = (chain: number) => ({
  Chain: { ChainId: Buffer.of(chain), Config: 'x'.repeat(1500) },
  Header: {
    ...{ Hash: hash(1), ParentHash: hash(2), Number: Buffer.from('013fabcd', 'hex') },
    ...{ Time: 1_700_000_000n, Bloom: Buffer.alloc(256, 7), TxHash: hash(3) },
  },
})
const tronBlock = {
  Header: {
    ...{ Number: 60_000_000n, Hash: hash(1), ParentHash: hash(2), Timestamp: 1_700_000_000_123n },
  },
}
const transfers = [
  {
    ...{ Sender: address(20), Receiver: address(21), Amount: bytes256, Currency: token(22) },
    ...{ Success: true, Index: 7, TransactionHeader: transactionHeader(10) },
  },
  { Sender: address(20), Index: 8, TransactionHeader: transactionHeader(10) },
]
const trades = [
  {
    Dex: {
      ...{ SmartContract: address(30), ProtocolName: 'uniswap_v3', ProtocolFamily: 'Uniswap' },
      Pair: { SmartContract: address(31) },
    },
    Buy: {
      ...{ Buyer: address(32), Seller: address(31) },
      Assets: [{ Currency: token(22), Amount: bytes256 }],
    },
    Sell: {
      ...{ Buyer: address(31), Seller: address(33) },
      Assets: [{ Amount: Buffer.of(9), Currency: { Decimals: 18 } }, { Amount: Buffer.of(8) }],
    },
    ...{ Sender: address(34), Success: true, Index: 2, TransactionHeader: transactionHeader(10) },
    Fees: [{ Amount: Buffer.of(3), Currency: token(22) }],
  },
]

export interface KnownMessage {
  readonly topic: string
  readonly name: string
  readonly fields: object
}

export const knownMessages: readonly KnownMessage[] = [
  {
    topic: 'solana.tokens.proto',
    name: 'solana_messages.TokenBlockMessage',
    fields: {
      ...solanaBlock,
      Transactions: [
        {
          ...solanaTransaction(10),
          Transfers: [
            {
              ...{ InstructionIndex: 3, Amount: amount64, Sender: account(20, 21) },
              ...{ Receiver: account(22), Authority: account(21), Currency: mint(23) },
            },
            { Sender: account(20), Currency: { Native: true, Symbol: 'SOL', Decimals: 9 } },
          ],
        },
        { Signature: bytesOf(50, 64), Transfers: [{}, {}] },
      ],
    },
  },
  {
    topic: 'solana.dextrades.proto',
    name: 'solana_messages.DexParsedBlockMessage',
    fields: {
      ...solanaBlock,
      Transactions: [
        {
          ...solanaTransaction(10),
          Trades: [
            {
              ...{ InstructionIndex: 3, Fee: 25n, Market: { MarketAddress: bytesOf(31, 32) } },
              Dex: {
                ...{ ProgramAddress: bytesOf(30, 32), ProtocolName: 'pump_amm' },
                ProtocolFamily: 'Pumpswap',
              },
              Buy: { Amount: amount64, Currency: mint(23), Account: account(20, 21) },
              Sell: { Amount: 2n ** 53n + 1n, Currency: mint(24), Account: account(22) },
            },
          ],
        },
      ],
    },
  },
  {
    topic: 'solana.transactions.proto',
    name: 'solana_messages.ParsedIdlBlockMessage',
    fields: {
      ...solanaBlock,
      Transactions: [
        { ...solanaTransaction(10), TotalBalanceUpdates: [{ PostBalance: 1n, AccountIndex: 2 }] },
      ],
    },
  },
  {
    topic: 'eth.tokens.proto',
    name: 'evm_messages.TokenBlockMessage',
    fields: { ...evmBlock(1), Transfers: transfers },
  },
  {
    topic: 'bsc.dextrades.proto',
    name: 'evm_messages.DexBlockMessage',
    fields: { ...evmBlock(56), Trades: trades },
  },
  {
    topic: 'matic.raw.proto',
    name: 'evm_messages.BlockMessage',
    fields: {
      ...evmBlock(137),
      Transactions: [
        {
          TransactionHeader: transactionHeader(10),
          Receipt: {
            ReceiptHeader: { Status: 1n, GasUsed: 21_000n },
            Logs: [{ LogHeader: { Data: bytesOf(1, 300) } }],
          },
        },
        {
          TransactionHeader: { Hash: hash(40), From: address(41) },
          Receipt: { ReceiptHeader: { ContractAddress: address(42) } },
        },
      ],
    },
  },
  {
    topic: 'tron.tokens.proto',
    name: 'tron_messages.TokenBlockMessage',
    fields: { ...tronBlock, Transfers: transfers },
  },
  {
    topic: 'tron.dextrades.proto',
    name: 'tron_messages.DexBlockMessage',
    fields: { ...tronBlock, Trades: trades },
  },
]

export function encoded({ name, fields }: KnownMessage): Buffer {
  return encodeMessage(name, fields)
}
