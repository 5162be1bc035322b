import type { Asset, ChainEvent, Json } from '../types.ts'
import {
  addParty,
  amountOf,
  countOf,
  decimalsOf,
  flagOf,
  type JsonObject,
  objectOf,
  textOf,
} from './fields.ts'
import { addEvent, type Stream } from './stream.ts'

const account = { Address: true, Token: { Owner: true } } as const

/** Entries `{Block, Transaction, Transfer}`. */
export const solanaTransfers: Stream = {
  name: 'solana.transfers',
  chain: 'solana',
  format: 'json',
  wanted: {
    Block: { Timestamp: true },
    Transaction: { Signature: true, FeePayer: true, Signer: true, Status: { Success: true } },
    Transfer: {
      InstructionIndex: true,
      Amount: true,
      Sender: account,
      Receiver: account,
      Authority: account,
      Currency: { Native: true, MintAddress: true, Symbol: true, Decimals: true },
    },
  },
  matches(entry) {
    const transaction = objectOf(entry['Transaction'])
    return objectOf(entry['Transfer']) != null && transaction != null && 'Signature' in transaction
  },
  read(entry, found) {
    addEvent(found, solanaTransfer(entry))
  },
}

/**
 * The transfer of one entry; undefined if a needed field has a wrong type or parts of its id are
 * missing.
 *
 * `from` and `to` are wallets: the owner of a token account, or the account itself if it holds the
 * native coin. `fromAccount` and `toAccount` are the token accounts. `addresses` has all of these, the
 * authority, the fee payer and the signer. A
 * failed transaction moved nothing; its event has `success: false` and shows what was intended.
 */
function solanaTransfer(entry: JsonObject): ChainEvent | undefined {
  const block = objectOf(entry['Block'])
  const transaction = objectOf(entry['Transaction'])
  const transfer = objectOf(entry['Transfer'])
  if (block === undefined || transaction == null || transfer == null) return undefined

  const signature = textOf(transaction['Signature'])
  const instruction = countOf(transfer['InstructionIndex'])
  if (signature == null || instruction == null) return undefined

  const seconds = countOf(block?.['Timestamp'])
  const amount = amountOf(transfer['Amount'])
  const sender = readAccount(transfer['Sender'])
  const receiver = readAccount(transfer['Receiver'])
  const authority = readAccount(transfer['Authority'])
  const feePayer = textOf(transaction['FeePayer'])
  const signer = textOf(transaction['Signer'])
  const status = objectOf(transaction['Status'])
  const success = flagOf(status?.['Success'])
  const asset = readCurrency(transfer['Currency'])
  if (
    seconds === undefined ||
    amount === undefined ||
    sender === undefined ||
    receiver === undefined ||
    authority === undefined ||
    feePayer === undefined ||
    signer === undefined ||
    status === undefined ||
    success === undefined ||
    asset === undefined
  ) {
    return undefined
  }

  const addresses: string[] = []
  addParty(addresses, sender.wallet)
  addParty(addresses, receiver.wallet)
  addParty(addresses, sender.address)
  addParty(addresses, receiver.address)
  addParty(addresses, authority.address)
  addParty(addresses, feePayer)
  addParty(addresses, signer)
  return {
    id: `${signature}:${instruction}`,
    chain: 'solana',
    kind: 'transfer',
    // Only the slot is guaranteed; a zero means that the block had no time.
    time: seconds === null || seconds === 0 ? null : seconds * 1000,
    from: sender.wallet,
    to: receiver.wallet,
    fromAccount: sender.account,
    toAccount: receiver.account,
    addresses,
    asset,
    amount,
    success,
  }
}

interface Account {
  readonly address: string | null
  readonly wallet: string | null
  /** The address, if it is that of a token account. */
  readonly account: string | null
}

const NO_ACCOUNT: Account = { address: null, wallet: null, account: null }

function readAccount(value: Json | undefined): Account | undefined {
  const account = objectOf(value)
  if (account === undefined) return undefined
  if (account === null) return NO_ACCOUNT
  const address = textOf(account['Address'])
  const token = objectOf(account['Token'])
  if (address === undefined || token === undefined) return undefined
  const owner = textOf(token?.['Owner'])
  if (owner === undefined) return undefined
  return owner === null || owner === address
    ? { address, wallet: address, account: null }
    : { address, wallet: owner, account: address }
}

function readCurrency(value: Json | undefined): Asset | null | undefined {
  const currency = objectOf(value)
  if (currency == null) return currency
  const native = flagOf(currency['Native'])
  const mint = textOf(currency['MintAddress'])
  const symbol = textOf(currency['Symbol'])
  // Indivisible tokens have no decimals, and the stream may omit a zero.
  const decimals = countOf(currency['Decimals'])
  if (
    native === undefined ||
    mint === undefined ||
    symbol === undefined ||
    decimals === undefined
  ) {
    return undefined
  }
  return {
    address: native ? '' : (mint ?? ''),
    symbol: symbol ?? '',
    decimals: decimalsOf(decimals ?? 0),
  }
}
