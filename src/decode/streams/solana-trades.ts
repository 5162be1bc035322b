import { solanaText } from '../addresses/text.ts'
import type { Read } from '../protobuf/wanted-fields.ts'
import type { TradeSide } from '../types.ts'
import { StreamEvent } from './event.ts'
import { addText, eventIds } from './message-fields.ts'
import { messageStream } from './message-stream.ts'
import {
  solanaAccount,
  solanaAsset,
  solanaCurrency,
  solanaHeader,
  solanaPlace,
  solanaTransaction,
  solanaTransactionOf,
  solanaWallet,
} from './solana-messages.ts'

const side = {
  Amount: [1, 'uint64'],
  Currency: [2, solanaCurrency],
  Account: [3, solanaAccount],
} as const

/** Trades on decentralized exchanges. */
export const solanaTrades = messageStream({
  name: 'solana.dextrades',
  chains: ['solana'],
  topics: ['solana.dextrades.proto'],
  message: 'solana_messages.DexParsedBlockMessage',
  wanted: {
    Header: [1, solanaHeader],
    Transactions: [
      2,
      {
        ...solanaTransaction,
        Trades: [
          5,
          {
            InstructionIndex: [1, 'uint32'],
            Dex: [
              2,
              {
                ProgramAddress: [1, solanaText],
                ProtocolName: [2, 'string'],
                ProtocolFamily: [3, 'string'],
              },
            ],
            Market: [3, { MarketAddress: [1, solanaText] }],
            Buy: [4, side],
            Sell: [5, side],
            Fee: [7, 'uint64'],
          },
          'repeated',
        ],
      },
      'repeated',
    ],
  },
  read({ Header, Transactions }) {
    const place = solanaPlace(Header)
    const { block, time } = place
    const events: StreamEvent[] = []
    const idOf = eventIds(':trade')
    for (const transaction of Transactions) {
      const { signature, success, feePayer, signer } = solanaTransactionOf(transaction)
      for (const { InstructionIndex, Dex, Market, Buy, Sell, Fee } of transaction.Trades) {
        const buy = sideOf(Buy)
        const sell = sideOf(Sell)
        const pool = Market?.MarketAddress ?? ''
        const trader = signer || feePayer || null
        const addresses: string[] = []
        addText(addresses, signer)
        addText(addresses, feePayer)
        addText(addresses, buy.account ?? '')
        addText(addresses, sell.account ?? '')
        addText(addresses, pool)
        addText(addresses, Buy?.Account?.Address ?? '')
        addText(addresses, Sell?.Account?.Address ?? '')
        events.push(
          new StreamEvent({
            id: idOf(signature, InstructionIndex),
            chain: 'solana',
            kind: 'trade',
            time,
            from: trader,
            to: null,
            addresses,
            asset: buy.asset,
            amount: buy.amount,
            success,
            block,
            trade: {
              dex: {
                address: Dex?.ProgramAddress ?? '',
                name: Dex?.ProtocolName ?? '',
                family: Dex?.ProtocolFamily ?? '',
              },
              pool: pool || null,
              trader,
              buy,
              sell,
              fees: Fee === 0 ? [] : [{ asset: null, amount: BigInt(Fee) }],
            },
          }),
        )
      }
    }
    return { chain: 'solana', place, events }
  },
})

function sideOf(read: Read<typeof side> | null): TradeSide {
  return {
    asset: solanaAsset(read?.Currency ?? null),
    amount: BigInt(read?.Amount ?? 0),
    account: solanaWallet(read?.Account ?? null) || null,
    more: [],
  }
}
