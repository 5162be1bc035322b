import { solanaText } from '../addresses/text.ts'
import { addText, secondsOf } from './message-fields.ts'
import { messageStream } from './message-stream.ts'
import { solanaBlock, solanaHeader, solanaSignature, solanaStatus } from './solana-messages.ts'

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
        Signature: [2, 'bytes'],
        Status: [3, solanaStatus],
        Header: [
          4,
          {
            FeePayer: [2, 'bytes'],
            Signer: [4, 'bytes'],
            Accounts: [6, { Address: [1, 'bytes'] }, 'repeated'],
          },
        ],
      },
      'repeated',
    ],
  },
  read({ Header, Transactions }) {
    const block = solanaBlock(Header)
    const time = secondsOf(Header?.Timestamp ?? 0)
    return Transactions.map(({ Signature, Status, Header: header }) => {
      const signer = header === null ? '' : solanaText(header.Signer)
      const addresses: string[] = []
      addText(addresses, signer)
      if (header !== null) addText(addresses, solanaText(header.FeePayer))
      const accounts = new Set(addresses)
      for (const { Address } of header?.Accounts ?? []) accounts.add(solanaText(Address))
      accounts.delete('')
      return {
        id: solanaSignature(Signature),
        chain: 'solana',
        kind: 'transaction',
        time,
        from: signer || null,
        to: null,
        addresses: [...accounts],
        asset: null,
        amount: null,
        success: Status?.Success ?? false,
        block,
      }
    })
  },
})
