import type { ChainEvent, Json } from '../types.ts'
import { amountOf, flagOf, type JsonObject, listOf, objectOf, textOf } from './fields.ts'
import { addEvent, type Stream } from './stream.ts'
import { TRX, type TronTransfer, tronToken, tronTransfers, wantedCall } from './tron-transfers.ts'

const wanted = {
  TransactionHeader: { Hash: true, FeePayer: true, Time: true, Timestamp: true },
  Calls: wantedCall,
  ContractInfo: { Address: true, Type: true },
  TransactionStatus: { Success: true },
  TransactionResult: { Success: true },
} as const

/**
 * `{Block, Chain, Transaction}`, a bare transaction, or a block of `Transactions`: the envelope of
 * this stream is not documented, so all three are accepted.
 */
export const tronTransactions: Stream = {
  name: 'tron.broadcasted.transactions',
  chain: 'tron',
  format: 'json',
  wanted: { Transaction: wanted, Transactions: wanted, ...wanted },
  matches(entry) {
    return (
      singleOf(entry) !== undefined ||
      listOf(entry['Transactions'])?.some((value) => isTronTransaction(objectOf(value))) === true
    )
  },
  read(entry, found) {
    const single = singleOf(entry)
    if (single !== undefined) {
      addEvent(found, tronTransaction(single))
      return
    }
    for (const value of listOf(entry['Transactions']) ?? []) {
      const transaction = objectOf(value)
      if (isTronTransaction(transaction)) addEvent(found, tronTransaction(transaction))
    }
  },
}

function singleOf(entry: JsonObject): JsonObject | undefined {
  const wrapped = objectOf(entry['Transaction'])
  if (isTronTransaction(wrapped)) return wrapped
  return isTronTransaction(entry) ? entry : undefined
}

function isTronTransaction(value: JsonObject | null | undefined): value is JsonObject {
  return objectOf(value?.['TransactionHeader']) != null
}

/**
 * The event of one transaction; undefined if it has no hash or a needed field has a wrong type.
 *
 * There is one event per transaction, because its hash is the id. It is a `transfer` if the
 * transaction moves one thing: a single token transfer, or TRX by a TransferContract (amount and
 * receiver are null if no call in the stream names them). With several transfers, as in a swap, it
 * is a `transaction` without asset and amount. `addresses` holds the fee payer, callers, called
 * contracts and both sides of every transfer, so that watch-lists miss none of them.
 */
function tronTransaction(transaction: JsonObject): ChainEvent | undefined {
  const header = objectOf(transaction['TransactionHeader'])
  const id = textOf(header?.['Hash'])
  const feePayer = textOf(header?.['FeePayer'])
  const time = timeOf(header?.['Time'])
  const timestamp = timeOf(header?.['Timestamp'])
  const calls = listOf(transaction['Calls'])
  const contract = objectOf(transaction['ContractInfo'])
  const contractAddress = textOf(contract?.['Address'])
  const success = successOf(transaction)
  if (
    id == null ||
    feePayer === undefined ||
    time === undefined ||
    timestamp === undefined ||
    calls === undefined ||
    contract === undefined ||
    contractAddress === undefined ||
    success === undefined
  ) {
    return undefined
  }

  const parties = new Set<string>()
  const transfers = calls === null ? [] : tronTransfers(calls)
  const moved = contract?.['Type'] === 'TransferContract' ? trxMoved(calls) : tokenMoved(transfers)
  const first = objectOf(objectOf(calls?.[0])?.['Header'])
  const from = moved?.from ?? feePayer ?? textOf(first?.['From']) ?? null
  const to = moved === undefined ? (textOf(first?.['To']) ?? contractAddress) : moved.to
  addTo(parties, from)
  addTo(parties, to)
  addTo(parties, feePayer)
  addTo(parties, contractAddress)
  for (const { from, to } of transfers) {
    parties.add(from)
    parties.add(to)
  }
  for (const call of calls ?? []) {
    const callHeader = objectOf(objectOf(call)?.['Header'])
    addTo(parties, textOf(callHeader?.['From']))
    addTo(parties, textOf(callHeader?.['To']))
  }
  return {
    id,
    chain: 'tron',
    kind: moved === undefined ? 'transaction' : 'transfer',
    time: time ?? timestamp,
    from,
    to,
    addresses: [...parties],
    asset: moved?.asset ?? null,
    amount: moved?.amount ?? null,
    success,
  }
}

type Moved = Pick<ChainEvent, 'from' | 'to' | 'asset' | 'amount'>

function tokenMoved(transfers: readonly TronTransfer[]): Moved | undefined {
  const [transfer, ...others] = transfers
  if (transfer === undefined || others.length > 0) return undefined
  const { from, to, amount } = transfer
  return { from, to, amount, asset: tronToken(transfer.contract) }
}

function trxMoved(calls: readonly Json[] | null): Moved {
  const header = objectOf(objectOf(calls?.[0])?.['Header'])
  return {
    from: textOf(header?.['From']) ?? null,
    to: textOf(header?.['To']) ?? null,
    amount: amountOf(header?.['Value']) ?? null,
    asset: TRX,
  }
}

/** Every present status must be positive; the stream omits `Success` if it is false. */
function successOf(transaction: JsonObject): boolean | undefined {
  const status = objectOf(transaction['TransactionStatus'])
  const result = objectOf(transaction['TransactionResult'])
  if (status === undefined || result === undefined) return undefined
  const statusSuccess = flagOf(status?.['Success'])
  const resultSuccess = flagOf(result?.['Success'])
  if (statusSuccess === undefined || resultSuccess === undefined) return undefined
  if (status === null) return resultSuccess
  return statusSuccess && (result === null || resultSuccess)
}

/** Nanoseconds since the epoch, as digits or a number, converted to milliseconds; null for zero. */
function timeOf(value: Json | undefined): number | null | undefined {
  const nanoseconds = amountOf(value)
  if (nanoseconds == null) return nanoseconds
  return nanoseconds === 0n ? null : Number(nanoseconds / 1_000_000n)
}

function addTo(parties: Set<string>, party: string | null | undefined): void {
  if (party != null) parties.add(party)
}
