import type { Read } from '../protobuf/wanted-fields.ts'
import type { ChainEvent } from '../types.ts'
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

const transfer = {
  Sender: [4, 'bytes'],
  Receiver: [5, 'bytes'],
  Amount: [6, 'bytes'],
  Currency: [9, evmToken],
  Success: [10, 'bool'],
  Index: [13, 'uint32'],
  TransactionHeader: [14, evmTransaction],
} as const

/** Transfers of tokens and of the native coin, in blocks and broadcasted. */
export const evmTokens = messageStream({
  name: 'evm.tokens',
  chains: evmChains,
  topics: evmPrefixes.flatMap((prefix) => [
    `${prefix}.tokens.proto`,
    `${prefix}.broadcasted.tokens.proto`,
  ]),
  message: 'evm_messages.TokenBlockMessage',
  wanted: {
    Chain: [1, evmChain],
    Header: [2, evmHeader],
    Transfers: [5, transfer, 'repeated'],
  },
  read: ({ Chain, Header, Transfers }) =>
    transfersOf(Transfers, networkOf(Chain), evmPlace(Header)),
})

/** The same of Tron. */
export const tronTokens = messageStream({
  name: 'tron.tokens',
  chains: ['tron'],
  topics: ['tron.tokens.proto', 'tron.broadcasted.tokens.proto'],
  message: 'tron_messages.TokenBlockMessage',
  wanted: {
    Header: [2, tronHeader],
    Transfers: [3, transfer, 'repeated'],
  },
  read: ({ Header, Transfers }) => transfersOf(Transfers, tronNetwork, tronPlace(Header)),
})

function transfersOf(
  transfers: ReadonlyArray<Read<typeof transfer>>,
  network: Network,
  place: Place,
): ChainEvent[] {
  const idOf = eventIds()
  return transfers.map((one) => {
    const { Sender, Receiver, Amount, Currency, Success, Index, TransactionHeader } = one
    const hash = transactionHash(TransactionHeader, network)
    const from = network.address(Sender)
    const to = network.address(Receiver)
    const addresses: string[] = []
    addText(addresses, from)
    addText(addresses, to)
    if (TransactionHeader !== null) {
      addText(addresses, network.address(TransactionHeader.From))
      addText(addresses, network.address(TransactionHeader.To))
    }
    return {
      id: idOf(hash, Index),
      chain: network.chain,
      kind: 'transfer',
      time: timeOf(TransactionHeader, place),
      from: from || null,
      to: to || null,
      addresses,
      asset: evmAsset(Currency, network),
      amount: bigEndian(Amount),
      success: Success,
      block: place.block,
    }
  })
}
