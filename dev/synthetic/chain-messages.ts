import { amountOf } from './amount.ts'
import { encodeMessage } from './protobuf.ts'
import { createRandom, fold, type Random, WORLD } from './random.ts'
import { base58 } from './text.ts'

/** A made-up block as a message of a known topic. */
export interface ChainMessage {
  readonly value: Buffer
  readonly number: number
  readonly hash: Buffer
  /** Ids of its events, in order. */
  readonly ids: readonly string[]
}

/** Blocks follow each other, and each names the one before it. */
export interface ChainMessages {
  /** The message of block `index`, whichever were made before. */
  at(index: number): ChainMessage
}

type Made = Pick<ChainMessage, 'value' | 'ids'>
type Make = (block: Block) => Made

interface Block {
  readonly number: number
  readonly hash: Buffer
  readonly parent: Buffer
  /** Milliseconds since the epoch, of the first block. */
  readonly start: number
  readonly random: Random
}

/** Parties are the same for every seed, so that addresses recur as they do on chain. */
export const EVM_WALLETS = 10_000
const TOKENS = 20
const FIRST_BLOCK = 20_000_000
const ETH = 1

const makers = {
  'eth.tokens.proto': evmTokens,
  'eth.dextrades.proto': evmTrades,
  'eth.raw.proto': evmTransactions,
  'tron.tokens.proto': tronTokens,
  'solana.dextrades.proto': solanaTrades,
} as const satisfies Readonly<Record<string, Make>>

export type ChainTopic = keyof typeof makers
export const chainTopics = Object.keys(makers) as ChainTopic[]

export function isChainTopic(name: string): name is ChainTopic {
  return Object.hasOwn(makers, name)
}

/** Messages of a topic: the same for the same seed. @param start time of the first block, milliseconds */
export function createChainMessages(topic: ChainTopic, seed: number, start: number): ChainMessages {
  const salt = fold(seed)
  const hashOf = (index: number) => bytesOf(createRandom(salt, index, 0xb10c), 32)
  return {
    at(index) {
      const number = FIRST_BLOCK + index
      const hash = hashOf(index)
      const random = createRandom(salt, index, 0)
      return {
        number,
        hash,
        ...makers[topic]({ number, hash, parent: hashOf(index - 1), random, start }),
      }
    },
  }
}

/** The address of a wallet of EVM chains, in lower case: for watch-lists. */
export function evmWallet(number: number): string {
  return `0x${address(0, number).toString('hex')}`
}

export function bytesOf(random: Random, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let index = 0; index < length; index++) bytes[index] = random.below(256)
  return bytes
}

const addresses = new Map<string, Buffer>()

/** One of some thousands. @param kind 0: a wallet, 1: a token, 2: a pool. */
function address(kind: number, number: number, length = 20): Buffer {
  const key = `${kind} ${number} ${length}`
  let known = addresses.get(key)
  if (known === undefined) {
    known = bytesOf(createRandom(WORLD, kind, number), length)
    addresses.set(key, known)
  }
  return known
}

const wallet = (random: Random, length?: number) => address(0, random.below(EVM_WALLETS), length)

/** Few are beyond 64 bits. */
function uint256(random: Random): Buffer {
  return bytesOf(random, 1 + random.below(random.chance(0.02) ? 32 : 9))
}

function token(random: Random) {
  const number = random.below(TOKENS)
  if (number === 0) return { Symbol: 'ETH', Decimals: 18 }
  return { SmartContract: address(1, number), Symbol: `TOK${number}`, Decimals: number }
}

/** Time of the block, milliseconds since the epoch. @param every milliseconds between two blocks */
function timeOf({ number, start }: Block, every: number): number {
  return start + (number - FIRST_BLOCK) * every
}

function evmBlock(block: Block) {
  const { number, hash, parent } = block
  const digits = number.toString(16)
  return {
    Chain: { ChainId: Buffer.of(ETH), Config: '{"chainId":1}'.padEnd(1500) },
    Header: {
      ...{ Hash: hash, ParentHash: parent, Bloom: Buffer.alloc(256, 1) },
      Number: Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'),
      Time: Math.floor(timeOf(block, 12_000) / 1000),
    },
  }
}

/** A transaction of several events, whose ids end with their index in it. */
function events(
  { random }: Block,
  one: (transaction: Buffer, index: number) => object,
  idOf: (transaction: string, index: number) => string,
): { readonly made: object[]; readonly ids: string[] } {
  const made: object[] = []
  const ids: string[] = []
  for (let count = 1 + random.below(20); count > 0; count--) {
    const transaction = bytesOf(random, 32)
    for (let index = 0; index < 1 + random.below(3); index++) {
      made.push(one(transaction, index))
      ids.push(idOf(transaction.toString('hex'), index))
    }
  }
  return { made, ids }
}

const header = (Hash: Buffer, random: Random) => ({
  ...{ Hash, From: wallet(random), To: wallet(random), Value: uint256(random) },
  Data: bytesOf(random, 68),
})

function transfer(random: Random, hash: Buffer, Index: number) {
  return {
    ...{ Sender: wallet(random), Receiver: wallet(random), Amount: uint256(random), Index },
    ...{ Currency: token(random), Success: random.chance(0.95) },
    TransactionHeader: header(hash, random),
  }
}

function evmTokens(block: Block): Made {
  const { random } = block
  const { made, ids } = events(
    block,
    (hash, index) => transfer(random, hash, index),
    (hash, index) => `0x${hash}:${index}`,
  )
  const fields = { ...evmBlock(block), Transfers: made }
  return { value: encodeMessage('evm_messages.TokenBlockMessage', fields), ids }
}

function tronTokens(block: Block): Made {
  const { random, number, hash, parent } = block
  const { made, ids } = events(
    block,
    (transaction, index) => transfer(random, transaction, index),
    (transaction, index) => `${transaction}:${index}`,
  )
  const Timestamp = timeOf(block, 3_000)
  const Header = { Number: number, Hash: hash, ParentHash: parent, Timestamp }
  const fields = { Chain: { ChainId: Buffer.of(1) }, Header, Transfers: made }
  return { value: encodeMessage('tron_messages.TokenBlockMessage', fields), ids }
}

function evmTrades(block: Block): Made {
  const { random } = block
  const trade = (hash: Buffer, Index: number) => {
    const pool = address(2, Math.min(random.below(200), random.below(200)))
    const side = (Buyer: Buffer, Seller: Buffer) => ({
      ...{ Buyer, Seller, Assets: [{ Currency: token(random), Amount: uint256(random) }] },
    })
    const trader = wallet(random)
    return {
      Dex: {
        ...{ SmartContract: address(2, 1_000), ProtocolName: 'uniswap_v3' },
        ...{ ProtocolFamily: 'Uniswap', Pair: { SmartContract: pool } },
      },
      ...{ Buy: side(trader, pool), Sell: side(pool, trader), Sender: trader, Index },
      ...{ Success: random.chance(0.95), TransactionHeader: header(hash, random) },
    }
  }
  const { made, ids } = events(block, trade, (hash, index) => `0x${hash}:${index}:trade`)
  const fields = { ...evmBlock(block), Trades: made }
  return { value: encodeMessage('evm_messages.DexBlockMessage', fields), ids }
}

function evmTransactions(block: Block): Made {
  const { random } = block
  const hashes = Array.from({ length: 1 + random.below(20) }, () => bytesOf(random, 32))
  const Transactions = hashes.map((hash) => ({
    TransactionHeader: header(hash, random),
    Receipt: { ReceiptHeader: { Status: Number(random.chance(0.95)) } },
  }))
  const fields = { ...evmBlock(block), Transactions }
  const ids = hashes.map((hash) => `0x${hash.toString('hex')}`)
  return { value: encodeMessage('evm_messages.BlockMessage', fields), ids }
}

function solanaTrades(block: Block): Made {
  const { number, hash, parent, random } = block
  const amount = () => amountOf(random.below(2 ** 12), random.next()).text
  const side = (mint: number) => ({
    Amount: amount(),
    Currency: { MintAddress: address(1, mint, 32), Symbol: `TOK${mint}`, Decimals: 6 },
    Account: { Address: wallet(random, 32) },
  })
  const trade = (InstructionIndex: number) => ({
    InstructionIndex,
    Dex: {
      ...{ ProgramAddress: address(2, 1_000, 32), ProtocolName: 'pump_amm' },
      ProtocolFamily: 'Pumpswap',
    },
    Market: { MarketAddress: address(2, Math.min(random.below(200), random.below(200)), 32) },
    ...{ Buy: side(random.below(TOKENS)), Sell: side(random.below(TOKENS)), Fee: 25 },
  })
  const Transactions = Array.from({ length: 1 + random.below(10) }, (_, Index) => {
    const signer = wallet(random, 32)
    return {
      ...{ Index, Signature: bytesOf(random, 64), Status: { Success: random.chance(0.95) } },
      Header: { Fee: 5000, FeePayer: signer, Signer: signer },
      Trades: Array.from({ length: 1 + random.below(3) }, (__, index) => trade(index)),
    }
  })
  const Header = {
    ...{ Slot: number, Hash: hash, ParentHash: parent, ParentSlot: number - 1 },
    Timestamp: Math.floor(timeOf(block, 400) / 1000),
  }
  const value = encodeMessage('solana_messages.DexParsedBlockMessage', { Header, Transactions })
  const ids = Transactions.flatMap(({ Signature, Trades }) =>
    Trades.map(({ InstructionIndex }) => `${base58(Signature)}:${InstructionIndex}:trade`),
  )
  return { value, ids }
}
