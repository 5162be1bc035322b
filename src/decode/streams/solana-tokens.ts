import { StreamEvent } from './event.ts'
import { addText, eventIds } from './message-fields.ts'
import { messageStream } from './message-stream.ts'
import {
  solanaAccount,
  solanaAsset,
  solanaCurrency,
  solanaHeader,
  solanaPlace,
  solanaTokenAccount,
  solanaTransaction,
  solanaTransactionOf,
  solanaWallet,
} from './solana-messages.ts'

/** Transfers; the same events as those of the JSON stream `solana.transfers`, with their block. */
export const solanaTokens = messageStream({
  name: 'solana.tokens',
  chains: ['solana'],
  topics: ['solana.tokens.proto'],
  message: 'solana_messages.TokenBlockMessage',
  wanted: {
    Header: [1, solanaHeader],
    Transactions: [
      2,
      {
        ...solanaTransaction,
        Transfers: [
          5,
          {
            InstructionIndex: [1, 'uint32'],
            Amount: [2, 'uint64'],
            Sender: [3, solanaAccount],
            Receiver: [4, solanaAccount],
            Authority: [5, solanaAccount],
            Currency: [6, solanaCurrency],
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
    const idOf = eventIds()
    for (const transaction of Transactions) {
      const { signature, success, feePayer, signer } = solanaTransactionOf(transaction)
      for (const {
        InstructionIndex,
        Amount,
        Sender,
        Receiver,
        Authority,
        Currency,
      } of transaction.Transfers) {
        const from = solanaWallet(Sender)
        const to = solanaWallet(Receiver)
        const addresses: string[] = []
        addText(addresses, from)
        addText(addresses, to)
        if (Sender !== null) addText(addresses, Sender.Address)
        if (Receiver !== null) addText(addresses, Receiver.Address)
        if (Authority !== null) addText(addresses, Authority.Address)
        addText(addresses, feePayer)
        addText(addresses, signer)
        events.push(
          new StreamEvent({
            id: idOf(signature, InstructionIndex),
            chain: 'solana',
            kind: 'transfer',
            time,
            from: from || null,
            to: to || null,
            fromAccount: solanaTokenAccount(Sender),
            toAccount: solanaTokenAccount(Receiver),
            addresses,
            asset: solanaAsset(Currency),
            amount: BigInt(Amount),
            success,
            block,
          }),
        )
      }
    }
    return { chain: 'solana', place, events }
  },
})
