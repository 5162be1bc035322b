import { solanaText } from '../addresses/text.ts'
import type { Read } from '../protobuf/wanted-fields.ts'
import type { Asset } from '../types.ts'
import { decimalsOf } from './fields.ts'
import { notTheMessage, type Place, secondsOf, sized } from './message-fields.ts'

/** Parts that the messages of `solana_messages` share. */

const SIGNATURE_BYTES = 64

export const solanaHeader = {
  Slot: [1, 'uint64'],
  Hash: [2, solanaText],
  ParentSlot: [4, 'uint64'],
  Timestamp: [6, 'int64'],
  ParentHash: [7, solanaText],
} as const

export const solanaTransaction = {
  Signature: [2, sized(SIGNATURE_BYTES, 'signature', solanaText)],
  Status: [3, { Success: [1, 'bool'] }],
  Header: [4, { FeePayer: [2, solanaText], Signer: [4, solanaText] }],
} as const

export const solanaAccount = {
  Address: [1, solanaText],
  Token: [4, { Owner: [2, solanaText] }],
} as const

export const solanaCurrency = {
  Decimals: [2, 'uint32'],
  Symbol: [4, 'string'],
  Native: [5, 'bool'],
  MintAddress: [13, solanaText],
} as const

export function solanaPlace(header: Read<typeof solanaHeader> | null): Place {
  if (header === null) throw notTheMessage('no block header')
  const { Slot, Hash, ParentSlot, ParentHash, Timestamp } = header
  const number = BigInt(Slot)
  return {
    block: { number, hash: Hash, parent: ParentHash },
    // Absent in a block without its parent.
    parentNumber: ParentSlot === 0 ? number - 1n : BigInt(ParentSlot),
    time: secondsOf(Timestamp),
  }
}

/** Of every event of a transaction. */
export interface SolanaTransaction {
  readonly signature: string
  readonly success: boolean
  /** Empty: the message does not say. */
  readonly feePayer: string
  readonly signer: string
}

/** @throws OccError if it has no signature: then this is another message */
export function solanaTransactionOf({
  Signature,
  Status,
  Header,
}: Read<typeof solanaTransaction>): SolanaTransaction {
  if (Signature === '') throw notTheMessage('a transaction without a signature')
  return {
    signature: Signature,
    success: Status?.Success ?? false,
    feePayer: Header?.FeePayer ?? '',
    signer: Header?.Signer ?? '',
  }
}

/** The owner of a token account, or the account itself if it holds the native coin. */
export function solanaWallet(account: Read<typeof solanaAccount> | null): string {
  if (account === null) return ''
  const { Address, Token } = account
  return Token === null ? Address : Token.Owner || Address
}

/** The token account, if the account is one; null: a wallet. */
export function solanaTokenAccount(account: Read<typeof solanaAccount> | null): string | null {
  if (account === null) return null
  const { Address } = account
  return Address === '' || solanaWallet(account) === Address ? null : Address
}

export function solanaAsset(currency: Read<typeof solanaCurrency> | null): Asset | null {
  if (currency === null) return null
  const { Native, MintAddress, Symbol: symbol, Decimals } = currency
  return { address: Native ? '' : MintAddress, symbol, decimals: decimalsOf(Decimals) }
}
