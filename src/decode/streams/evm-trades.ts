import type { Read } from '../protobuf/wanted-fields.ts'
import type { ChainEvent, TradeSide } from '../types.ts'
import {
  evmAsset,
  evmChain,
  evmChains,
  evmHeader,
  evmPlace,
  evmPrefixes,
  evmToken,
  evmTransaction,
  type Network,
  networkOf,
  timeOf,
  transactionHash,
  tronHeader,
  tronNetwork,
  tronPlace,
} from './evm-messages.ts'
import { addText, bigEndian, eventIds, type Place } from './message-fields.ts'
import { messageStream } from './message-stream.ts'

const amount = { Currency: [1, evmToken], Amount: [2, 'bytes'] } as const

const side = {
  Seller: [1, 'bytes'],
  Buyer: [2, 'bytes'],
  Assets: [4, amount, 'repeated'],
} as const

const trade = {
  Dex: [
    5,
    {
      SmartContract: [1, 'bytes'],
      ProtocolName: [6, 'string'],
      ProtocolFamily: [7, 'string'],
      Pair: [9, { SmartContract: [1, 'bytes'] }],
    },
  ],
  Buy: [6, side],
  Sell: [7, side],
  Sender: [8, 'bytes'],
  Success: [9, 'bool'],
  Fees: [10, amount, 'repeated'],
  Index: [11, 'uint32'],
  TransactionHeader: [12, evmTransaction],
  PoolId: [14, 'bytes'],
} as const

/** Trades on decentralized exchanges. */
export const evmTrades = messageStream({
  name: 'evm.dextrades',
  chains: evmChains,
  topics: evmPrefixes.map((prefix) => `${prefix}.dextrades.proto`),
  message: 'evm_messages.DexBlockMessage',
  wanted: {
    Chain: [1, evmChain],
    Header: [2, evmHeader],
    Trades: [5, trade, 'repeated'],
  },
  read: ({ Chain, Header, Trades }) => tradesOf(Trades, networkOf(Chain), evmPlace(Header)),
})

/** The same of Tron. */
export const tronTrades = messageStream({
  name: 'tron.dextrades',
  chains: ['tron'],
  topics: ['tron.dextrades.proto'],
  message: 'tron_messages.DexBlockMessage',
  wanted: {
    Header: [2, tronHeader],
    Trades: [3, trade, 'repeated'],
  },
  read: ({ Header, Trades }) => tradesOf(Trades, tronNetwork, tronPlace(Header)),
})

function tradesOf(
  trades: ReadonlyArray<Read<typeof trade>>,
  network: Network,
  place: Place,
): ChainEvent[] {
  const idOf = eventIds(':trade')
  return trades.map((one) => {
    const { Dex, Buy, Sell, Sender, Success, Fees, Index, TransactionHeader, PoolId } = one
    const hash = transactionHash(TransactionHeader, network)
    const buy = sideOf(Buy, Buy?.Buyer, network)
    const sell = sideOf(Sell, Sell?.Seller, network)
    const signer = TransactionHeader === null ? '' : network.address(TransactionHeader.From)
    const sender = network.address(Sender)
    const trader = signer || sender || null
    const pool = poolOf(Dex?.Pair?.SmartContract, PoolId, network)
    const addresses: string[] = []
    if (trader !== null) addText(addresses, trader)
    addText(addresses, sender)
    // The text of each address is made once.
    addText(addresses, buy.account ?? '')
    if (Buy !== null) addText(addresses, network.address(Buy.Seller))
    if (Sell !== null) addText(addresses, network.address(Sell.Buyer))
    addText(addresses, sell.account ?? '')
    const dex = Dex === null ? '' : network.address(Dex.SmartContract)
    addText(addresses, dex)
    addText(addresses, pool ?? '')
    return {
      id: idOf(hash, Index),
      chain: network.chain,
      kind: 'trade',
      time: timeOf(TransactionHeader, place),
      from: trader,
      to: null,
      addresses,
      asset: buy.asset,
      amount: buy.amount,
      success: Success,
      block: place.block,
      trade: {
        dex: { address: dex, name: Dex?.ProtocolName ?? '', family: Dex?.ProtocolFamily ?? '' },
        pool,
        trader,
        buy,
        sell,
        fees: Fees.map((fee) => amountOf(fee, network)),
      },
    }
  })
}

/** The contract of the pair; where one contract holds all pools, the number of the pool. */
function poolOf(
  pair: Uint8Array | undefined,
  poolId: Uint8Array,
  { address, hash }: Network,
): string | null {
  if (poolId.length > 0) return hash(poolId)
  return pair === undefined || pair.length === 0 ? null : address(pair)
}

function sideOf(
  read: Read<typeof side> | null,
  account: Uint8Array | undefined,
  network: Network,
): TradeSide {
  const [first, ...more] = (read?.Assets ?? []).map((one) => amountOf(one, network))
  return {
    asset: first?.asset ?? null,
    amount: first?.amount ?? 0n,
    account: account === undefined ? null : network.address(account) || null,
    more,
  }
}

function amountOf({ Currency, Amount }: Read<typeof amount>, network: Network) {
  return { asset: evmAsset(Currency, network), amount: bigEndian(Amount) }
}
