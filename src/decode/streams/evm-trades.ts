import type { Read } from '../protobuf/wanted-fields.ts'
import type { TradeAmount, TradeSide } from '../types.ts'
import { StreamEvent } from './event.ts'
import {
  evmAsset,
  evmChain,
  evmChains,
  evmHeader,
  evmPlace,
  evmPrefixes,
  evmTexts,
  type Network,
  networkOf,
  type Texts,
  timeOf,
  tokenIn,
  transactionHash,
  transactionIn,
  tronHeader,
  tronNetwork,
  tronPlace,
  tronTexts,
} from './evm-messages.ts'
import { addText, bigEndian, eventIds, type Place } from './message-fields.ts'
import { type BlockEvents, messageStream } from './message-stream.ts'

const amountIn = (texts: Texts) =>
  ({ Currency: [1, tokenIn(texts)], Amount: [2, bigEndian] }) as const

const sideIn = ({ address }: Texts, amount: ReturnType<typeof amountIn>) =>
  ({ Seller: [1, address], Buyer: [2, address], Assets: [4, amount, 'repeated'] }) as const

function tradeIn(texts: Texts) {
  const { address, hash } = texts
  const amount = amountIn(texts)
  const side = sideIn(texts, amount)
  return {
    Dex: [
      5,
      {
        SmartContract: [1, address],
        ProtocolName: [6, 'string'],
        ProtocolFamily: [7, 'string'],
        Pair: [9, { SmartContract: [1, address] }],
      },
    ],
    Buy: [6, side],
    Sell: [7, side],
    Sender: [8, address],
    Success: [9, 'bool'],
    Fees: [10, amount, 'repeated'],
    Index: [11, 'uint32'],
    TransactionHeader: [12, transactionIn(texts)],
    PoolId: [14, hash],
  } as const
}

/** Trades on decentralized exchanges. */
export const evmTrades = messageStream({
  name: 'evm.dextrades',
  chains: evmChains,
  topics: evmPrefixes.map((prefix) => `${prefix}.dextrades.proto`),
  message: 'evm_messages.DexBlockMessage',
  wanted: {
    Chain: [1, evmChain],
    Header: [2, evmHeader],
    Trades: [5, tradeIn(evmTexts), 'repeated'],
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
    Trades: [3, tradeIn(tronTexts), 'repeated'],
  },
  read: ({ Header, Trades }) => tradesOf(Trades, tronNetwork, tronPlace(Header)),
})

function tradesOf(
  trades: ReadonlyArray<Read<ReturnType<typeof tradeIn>>>,
  network: Network,
  place: Place,
): BlockEvents {
  const idOf = eventIds(':trade')
  const events = trades.map((one) => {
    const { Dex, Buy, Sell, Sender, Success, Fees, Index, TransactionHeader, PoolId } = one
    const hash = transactionHash(TransactionHeader)
    const buy = sideOf(Buy, Buy?.Buyer, network)
    const sell = sideOf(Sell, Sell?.Seller, network)
    const trader = TransactionHeader?.From || Sender || null
    // The contract of the pair; where one contract holds all pools, the number of the pool.
    const pool = PoolId || Dex?.Pair?.SmartContract || null
    const dex = Dex?.SmartContract ?? ''
    const addresses: string[] = []
    addText(addresses, trader ?? '')
    addText(addresses, Sender)
    addText(addresses, Buy?.Buyer ?? '')
    addText(addresses, Buy?.Seller ?? '')
    addText(addresses, Sell?.Buyer ?? '')
    addText(addresses, Sell?.Seller ?? '')
    addText(addresses, dex)
    addText(addresses, pool ?? '')
    return new StreamEvent({
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
    })
  })
  return { chain: network.chain, place, events }
}

function sideOf(
  read: Read<ReturnType<typeof sideIn>> | null,
  account: string | undefined,
  network: Network,
): TradeSide {
  const [first, ...more] = (read?.Assets ?? []).map((one) => amountOf(one, network))
  return {
    asset: first?.asset ?? null,
    amount: first?.amount ?? 0n,
    account: account || null,
    more,
  }
}

function amountOf(
  { Currency, Amount }: Read<ReturnType<typeof amountIn>>,
  network: Network,
): TradeAmount {
  return { asset: evmAsset(Currency, network), amount: Amount }
}
