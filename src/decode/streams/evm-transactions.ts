import { evmText } from '../addresses/text.ts'
import { StreamEvent } from './event.ts'
import {
  evmChain,
  evmChains,
  evmHeader,
  evmPlace,
  evmPrefixes,
  evmTexts,
  networkOf,
  timeOf,
  transactionHash,
  transactionIn,
} from './evm-messages.ts'
import { addText, bigEndian } from './message-fields.ts'
import { messageStream } from './message-stream.ts'

/** Status of a receipt. */
const SUCCESS = 1

/**
 * Transactions: a `transfer` of the native coin if they move any by themselves, else a
 * `transaction`. What their calls move is in the streams of tokens.
 */
export const evmTransactions = messageStream({
  name: 'evm.raw',
  chains: evmChains,
  topics: evmPrefixes.map((prefix) => `${prefix}.raw.proto`),
  message: 'evm_messages.BlockMessage',
  wanted: {
    Chain: [1, evmChain],
    Header: [2, evmHeader],
    Transactions: [
      5,
      {
        TransactionHeader: [1, { ...transactionIn(evmTexts), Value: [4, bigEndian] }],
        Receipt: [
          3,
          { ReceiptHeader: [1, { ContractAddress: [4, evmText], Status: [7, 'uint64'] }] },
        ],
      },
      'repeated',
    ],
  },
  read({ Chain, Header, Transactions }) {
    const network = networkOf(Chain)
    const place = evmPlace(Header)
    const events = Transactions.map(({ TransactionHeader, Receipt }) => {
      const id = transactionHash(TransactionHeader)
      const value = TransactionHeader?.Value ?? 0n
      const receipt = Receipt?.ReceiptHeader ?? null
      const from = TransactionHeader?.From ?? ''
      // A transaction without a receiver makes a contract.
      const to = TransactionHeader?.To || (receipt?.ContractAddress ?? '')
      const addresses: string[] = []
      addText(addresses, from)
      addText(addresses, to)
      const movesCoins = value > 0n
      return new StreamEvent({
        id,
        chain: network.chain,
        kind: movesCoins ? 'transfer' : 'transaction',
        time: timeOf(TransactionHeader, place),
        from: from || null,
        to: to || null,
        addresses,
        asset: movesCoins ? network.coin : null,
        amount: movesCoins ? value : null,
        success: receipt?.Status === SUCCESS,
        block: place.block,
      })
    })
    return { chain: network.chain, place, events }
  },
})
