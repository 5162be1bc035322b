import type { Asset, Json } from '../types.ts'
import { amountOf, type JsonObject, listOf, objectOf, textOf } from './fields.ts'

/** A token transfer by a call of a transaction. */
export interface TronTransfer {
  readonly contract: string
  readonly from: string
  readonly to: string
  /** Smallest units; null for a non-fungible token. */
  readonly amount: bigint | null
}

/** keccak256("Transfer(address,address,uint256)"), shared by TRC20 and TRC721. */
const TRANSFER_EVENT = 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
/** transfer(address,uint256) and transferFrom(address,address,uint256). */
const TRANSFER_CALL = 'a9059cbb'
const TRANSFER_FROM_CALL = '23b872dd'

const wantedArgument = { Indexed: true, Value: { Value: true } } as const

/** What is read of a call, here and of its transaction. */
export const wantedCall = {
  Header: { From: true, To: true, Value: true, Signature: { SignatureHash: true } },
  Arguments: wantedArgument,
  Logs: {
    Header: { Address: true },
    Parsed: { SmartContract: true, Signature: { SignatureHash: true } },
    Arguments: wantedArgument,
  },
} as const

export const TRX: Asset = Object.freeze({ address: '', symbol: 'TRX', decimals: 6 })

/** The stream has neither symbol nor decimals of tokens; this one is half of Tron's traffic. */
const KNOWN_TOKENS: ReadonlyMap<string, Asset> = new Map([
  [
    'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
    Object.freeze({
      address: 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t',
      symbol: 'USDT',
      decimals: 6,
    }),
  ],
])

export function tronToken(contract: string): Asset {
  return KNOWN_TOKENS.get(contract) ?? { address: contract, symbol: '', decimals: null }
}

/**
 * The token transfers of a transaction: from the logs of its calls, which show what happened;
 * without such a log (not executed yet, or failed) from the arguments of the calls. Logs and calls
 * that the provider did not parse are ignored.
 */
export function tronTransfers(calls: readonly Json[]): TronTransfer[] {
  const logged: TronTransfer[] = []
  for (const call of calls) {
    const logs = listOf(objectOf(call)?.['Logs'])
    if (logs == null) continue
    for (const log of logs) {
      const transfer = loggedTransfer(objectOf(log))
      if (transfer !== undefined) logged.push(transfer)
    }
  }
  if (logged.length > 0) return logged
  const called: TronTransfer[] = []
  for (const call of calls) {
    const transfer = calledTransfer(objectOf(call))
    if (transfer !== undefined) called.push(transfer)
  }
  return called
}

function loggedTransfer(log: JsonObject | null | undefined): TronTransfer | undefined {
  const header = objectOf(log?.['Header'])
  const parsed = objectOf(log?.['Parsed'])
  if (objectOf(parsed?.['Signature'])?.['SignatureHash'] !== TRANSFER_EVENT) return undefined
  const contract = textOf(header?.['Address']) ?? textOf(parsed?.['SmartContract'])
  const parts = listOf(log?.['Arguments'])
  if (contract == null || parts == null || parts.length !== 3) return undefined
  const from = argument(parts[0])
  const to = argument(parts[1])
  if (from == null || to == null) return undefined
  // An indexed third argument is the number of a non-fungible token.
  if (objectOf(parts[2])?.['Indexed'] === true) return { contract, from, to, amount: null }
  const amount = amountOf(argument(parts[2]))
  return amount == null ? undefined : { contract, from, to, amount }
}

function calledTransfer(call: JsonObject | null | undefined): TronTransfer | undefined {
  const header = objectOf(call?.['Header'])
  const method = objectOf(header?.['Signature'])?.['SignatureHash']
  const parts = listOf(call?.['Arguments'])
  const contract = textOf(header?.['To'])
  if (contract == null || parts == null) return undefined
  let from: string | null | undefined
  let rest: readonly Json[]
  if (method === TRANSFER_CALL) {
    from = textOf(header?.['From'])
    rest = parts
  } else if (method === TRANSFER_FROM_CALL) {
    from = argument(parts[0])
    rest = parts.slice(1)
  } else {
    return undefined
  }
  const to = argument(rest[0])
  const amount = amountOf(argument(rest[1]))
  if (from == null || to == null || amount == null || rest.length !== 2) return undefined
  return { contract, from, to, amount }
}

/** The value of `{Name, Value: {Type, Value}}`. */
function argument(value: Json | undefined): string | null | undefined {
  return textOf(objectOf(objectOf(value)?.['Value'])?.['Value'])
}
