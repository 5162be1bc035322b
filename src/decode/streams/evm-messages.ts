import type { Chain } from '../../kernel/names.ts'
import type { TextOf } from '../addresses/remembering.ts'
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

/** How chains write what their messages hold as bytes. */
export interface Texts {
  readonly address: TextOf
  readonly hash: TextOf
}

export const evmTexts: Texts = { address: evmText, hash: evmText }

export const tronTexts: Texts = { address: tronText, hash: hashText }

export const evmChain = { ChainId: [1, bigEndian] } as const

export const evmHeader = {
  Hash: [1, evmText],
  ParentHash: [2, evmText],
  Number: [13, bigEndian],
  Time: [16, 'uint64'],
} as const

export const tronHeader = {
  Number: [1, 'int64'],
  Hash: [2, hashText],
  Timestamp: [3, 'int64'],
  ParentHash: [4, hashText],
} as const

export const transactionIn = ({ address, hash }: Texts) =>
  ({
    Hash: [2, sized(HASH_BYTES, 'transaction hash', hash)],
    To: [14, address],
    From: [15, address],
    Time: [22, 'uint64'],
  }) as const

export const tokenIn = ({ address }: Texts) =>
  ({
    SmartContract: [1, unlessZeros(address)],
    Symbol: [6, 'string'],
    Decimals: [7, 'int32'],
  }) as const

/** The native coin has no contract, or one of zeros. */
function unlessZeros(address: TextOf): TextOf {
  return (bytes, from, to) => {
    let at = from
    while (at < to && bytes[at] === 0) at++
    return at === to ? '' : address(bytes, from, to)
  }
}

export interface Network {
  readonly chain: Chain
  /** What it pays with. */
  readonly coin: Asset
}

const networks: ReadonlyMap<bigint, Network> = new Map(
  (
    [
      [1, 'eth', 'ETH'],
      [10, 'optimism', 'ETH'],
      [56, 'bsc', 'BNB'],
      [137, 'matic', 'POL'],
      [8453, 'base', 'ETH'],
    ] as const
  ).map(([id, chain, symbol]) => [BigInt(id), evmNetwork(chain, symbol)]),
)

/** A network whose number is not among those above. */
const otherNetwork = evmNetwork('evm', '')

/** With which the names of their topics begin. */
export const evmPrefixes = ['eth', 'bsc', 'base', 'matic', 'optimism'] as const

export const evmChains = [...evmPrefixes, 'evm'] as const

export const tronNetwork: Network = {
  chain: 'tron',
  coin: Object.freeze({ address: '', symbol: 'TRX', decimals: 6 }),
}

export function networkOf(chain: Read<typeof evmChain> | null): Network {
  if (chain === null) return otherNetwork
  return networks.get(chain.ChainId) ?? otherNetwork
}

function evmNetwork(chain: Chain, symbol: string): Network {
  const coin = Object.freeze({ address: '', symbol, decimals: 18 })
  return { chain, coin }
}

export function evmPlace(header: Read<typeof evmHeader> | null): Place {
  if (header === null) throw notTheMessage('no block header')
  const { Hash, ParentHash, Number: number, Time } = header
  return {
    block: { number, hash: Hash, parent: ParentHash },
    parentNumber: number - 1n,
    time: secondsOf(Time),
  }
}

export function tronPlace(header: Read<typeof tronHeader> | null): Place {
  if (header === null) throw notTheMessage('no block header')
  const { Hash, ParentHash, Timestamp } = header
  const number = BigInt(header.Number)
  return {
    block: { number, hash: Hash, parent: ParentHash },
    parentNumber: number - 1n,
    time: millisecondsOf(Timestamp),
  }
}

/** @throws OccError if it has no hash of a transaction: then this is another message */
export function transactionHash(header: TransactionRead | null): string {
  if (header === null) throw notTheMessage('an event without a transaction')
  if (header.Hash === '') throw notTheMessage('a transaction without a hash')
  return header.Hash
}

type TransactionRead = Read<ReturnType<typeof transactionIn>>

/** Broadcasted transactions have a time of their own: they are not in a block yet. */
export function timeOf(header: TransactionRead | null, { time }: Place): number | null {
  return header === null ? time : (nanosecondsOf(header.Time) ?? time)
}

export function evmAsset(
  token: Read<ReturnType<typeof tokenIn>> | null,
  { coin }: Network,
): Asset | null {
  if (token === null) return null
  const { SmartContract, Symbol: symbol, Decimals } = token
  if (SmartContract !== '') {
    return { address: SmartContract, symbol, decimals: decimalsOf(Decimals) }
  }
  return {
    address: '',
    symbol: symbol || coin.symbol,
    decimals: decimalsOf(Decimals || (coin.decimals ?? 0)),
  }
}
