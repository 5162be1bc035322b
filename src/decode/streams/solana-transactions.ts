import { solanaText } from '../addresses/text.ts'
import { StreamEvent } from './event.ts'
import { messageStream } from './message-stream.ts'
import {
  solanaHeader,
  solanaPlace,
  solanaTransaction,
  solanaTransactionOf,
} from './solana-messages.ts'

/** Transactions without what they move: one event each, with all accounts that take part. */
export const solanaTransactions = messageStream({
  name: 'solana.transactions',
  chains: ['solana'],
  topics: ['solana.transactions.proto'],
  message: 'solana_messages.ParsedIdlBlockMessage',
  wanted: {
    Header: [1, solanaHeader],
    Transactions: [
      2,
      {
        ...solanaTransaction,
        Header: [
          4,
          {
            ...solanaTransaction.Header[1],
            Accounts: [6, { Address: [1, solanaText] }, 'repeated'],
          },
        ],
      },
      'repeated',
    ],
  },
  read({ Header, Transactions }) {
    const place = solanaPlace(Header)
    const { block, time } = place
    const events = Transactions.map((transaction) => {
      const { signature, success, feePayer, signer } = solanaTransactionOf(transaction)
      const accounts = transaction.Header?.Accounts ?? []
      const addresses = new Set([signer, feePayer, ...accounts.map(({ Address }) => Address)])
      addresses.delete('')
      return new StreamEvent({
        id: signature,
        chain: 'solana',
        kind: 'transaction',
        time,
        from: signer || null,
        to: null,
        addresses: [...addresses],
        asset: null,
        amount: null,
        success,
        block,
      })
    })
    return { chain: 'solana', place, events }
  },
})
