import type { Read } from '../protobuf/wanted-fields.ts'
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

const transferIn = (texts: Texts) =>
  ({
    Sender: [4, texts.address],
    Receiver: [5, texts.address],
    Amount: [6, bigEndian],
    Currency: [9, tokenIn(texts)],
    Success: [10, 'bool'],
    Index: [13, 'uint32'],
    TransactionHeader: [14, transactionIn(texts)],
  }) as const

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
    Transfers: [5, transferIn(evmTexts), 'repeated'],
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
    Transfers: [3, transferIn(tronTexts), 'repeated'],
  },
  read: ({ Header, Transfers }) => transfersOf(Transfers, tronNetwork, tronPlace(Header)),
})

function transfersOf(
  transfers: ReadonlyArray<Read<ReturnType<typeof transferIn>>>,
  network: Network,
  place: Place,
): BlockEvents {
  const idOf = eventIds()
  const events = transfers.map((one) => {
    const { Sender, Receiver, Amount, Currency, Success, Index, TransactionHeader } = one
    const hash = transactionHash(TransactionHeader)
    const addresses: string[] = []
    addText(addresses, Sender)
    addText(addresses, Receiver)
    addText(addresses, TransactionHeader?.From ?? '')
    addText(addresses, TransactionHeader?.To ?? '')
    return new StreamEvent({
      id: idOf(hash, Index),
      chain: network.chain,
      kind: 'transfer',
      time: timeOf(TransactionHeader, place),
      from: Sender || null,
      to: Receiver || null,
      addresses,
      asset: evmAsset(Currency, network),
      amount: Amount,
      success: Success,
      block: place.block,
    })
  })
  return { chain: network.chain, place, events }
}
