import type { Chain } from '../../kernel/names.ts'
import { evmText, hashText, tronText } from '../addresses/text.ts'
import type { Read } from '../protobuf/wanted-fields.ts'
import type { Asset } from '../types.ts'
import { decimalsOf } from './fields.ts'
import {
  bigEndian,
  millisecondsOf,
  nanosecondsOf,
  notTheMessage,
  type Place,
  secondsOf,
  sized,
} from './message-fields.ts'

/** Parts that the messages of `evm_messages` share, which Tron's use too. */

const HASH_BYTES = 32

export const evmChain = { ChainId: [1, 'bytes'] } as const

export const evmHeader = {
  Hash: [1, 'bytes'],
  ParentHash: [2, 'bytes'],
  Number: [13, 'bytes'],
  Time: [16, 'uint64'],
} as const

export const tronHeader = {
  Number: [1, 'int64'],
  Hash: [2, 'bytes'],
  Timestamp: [3, 'int64'],
  ParentHash: [4, 'bytes'],
} as const

export const evmTransaction = {
  Hash: [2, 'bytes'],
  To: [14, 'bytes'],
  From: [15, 'bytes'],
  Time: [22, 'uint64'],
} as const

export const evmToken = {
  SmartContract: [1, 'bytes'],
  Symbol: [6, 'string'],
  Decimals: [7, 'int32'],
} as const

/** How a network writes what its messages hold as bytes, and what it pays with. */
export interface Network {
  readonly chain: Chain
  address(bytes: Uint8Array): string
  hash(bytes: Uint8Array): string
  readonly coin: Asset
}

const networks: ReadonlyMap<string, Network> = new Map(
  (
    [
      [1, 'eth', 'ETH'],
      [10, 'optimism', 'ETH'],
      [56, 'bsc', 'BNB'],
      [137, 'matic', 'POL'],
      [8453, 'base', 'ETH'],
    ] as const
  ).map(([id, chain, symbol]) => [String(id), evmNetwork(chain, symbol)]),
)

/** A network whose number is not among those above. */
const otherNetwork = evmNetwork('evm', '')

/** With which the names of their topics begin. */
export const evmPrefixes = ['eth', 'bsc', 'base', 'matic', 'optimism'] as const

export const evmChains = [...evmPrefixes, 'evm'] as const

export const tronNetwork: Network = {
  chain: 'tron',
  address: tronText,
  hash: hashText,
  coin: Object.freeze({ address: '', symbol: 'TRX', decimals: 6 }),
}

export function networkOf(chain: Read<typeof evmChain> | null): Network {
  if (chain === null) return otherNetwork
  return networks.get(String(bigEndian(chain.ChainId))) ?? otherNetwork
}

function evmNetwork(chain: Chain, symbol: string): Network {
  const coin = Object.freeze({ address: '', symbol, decimals: 18 })
  return { chain, address: evmText, hash: evmText, coin }
}

export function evmPlace(header: Read<typeof evmHeader> | null): Place {
  if (header === null) throw notTheMessage('no block header')
  const { Hash, ParentHash, Number: number, Time } = header
  return {
    block: { number: bigEndian(number), hash: evmText(Hash), parent: evmText(ParentHash) },
    time: secondsOf(Time),
  }
}

export function tronPlace(header: Read<typeof tronHeader> | null): Place {
  if (header === null) throw notTheMessage('no block header')
  const { Hash, ParentHash, Number: number, Timestamp } = header
  return {
    block: { number: BigInt(number), hash: hashText(Hash), parent: hashText(ParentHash) },
    time: millisecondsOf(Timestamp),
  }
}

/** @throws OccError if it has no hash of a transaction: then this is another message */
export function transactionHash(
  header: Read<typeof evmTransaction> | null,
  { hash }: Network,
): string {
  if (header === null) throw notTheMessage('an event without a transaction')
  return hash(sized(header.Hash, HASH_BYTES, 'transaction hash'))
}

/** Broadcasted transactions have a time of their own: they are not in a block yet. */
export function timeOf(header: Read<typeof evmTransaction> | null, { time }: Place): number | null {
  return header === null ? time : (nanosecondsOf(header.Time) ?? time)
}

/** The native coin has no contract, or one of zeros. */
export function evmAsset(
  token: Read<typeof evmToken> | null,
  { address, coin }: Network,
): Asset | null {
  if (token === null) return null
  const { SmartContract, Symbol: symbol, Decimals } = token
  const isNative = (SmartContract[0] ?? 0) === 0 && SmartContract.every((byte) => byte === 0)
  if (!isNative) return { address: address(SmartContract), symbol, decimals: decimalsOf(Decimals) }
  return {
    address: '',
    symbol: symbol || coin.symbol,
    decimals: decimalsOf(Decimals || (coin.decimals ?? 0)),
  }
}
