import { solanaText } from '../addresses/text.ts'
import type { Read } from '../protobuf/wanted.ts'
import type { Asset, Block } from '../types.ts'
import { notTheMessage, sized } from './message-fields.ts'

/** Parts that the messages of `solana_messages` share. */

const SIGNATURE_BYTES = 64

export const solanaHeader = {
  Slot: [1, 'uint64'],
  Hash: [2, 'bytes'],
  Timestamp: [6, 'int64'],
  ParentHash: [7, 'bytes'],
} as const

export const solanaStatus = { Success: [1, 'bool'] } as const

export const solanaTransaction = {
  Signature: [2, 'bytes'],
  Status: [3, solanaStatus],
  Header: [4, { FeePayer: [2, 'bytes'], Signer: [4, 'bytes'] }],
} as const

export const solanaAccount = {
  Address: [1, 'bytes'],
  Token: [4, { Owner: [2, 'bytes'] }],
} as const

export const solanaCurrency = {
  Decimals: [2, 'uint32'],
  Symbol: [4, 'string'],
  Native: [5, 'bool'],
  MintAddress: [13, 'bytes'],
} as const

export function solanaBlock(header: Read<typeof solanaHeader> | null): Block {
  if (header === null) throw notTheMessage('no block header')
  return {
    number: BigInt(header.Slot),
    hash: solanaText(header.Hash),
    parent: solanaText(header.ParentHash),
  }
}

/** @throws OccError if it cannot be a signature: then this is another message */
export function solanaSignature(bytes: Uint8Array): string {
  return solanaText(sized(bytes, SIGNATURE_BYTES, 'signature'))
}

/** The owner of a token account, or the account itself if it holds the native coin. */
export function solanaWallet(account: Read<typeof solanaAccount> | null): string {
  if (account === null) return ''
  const { Address, Token } = account
  return solanaText(Token !== null && Token.Owner.length > 0 ? Token.Owner : Address)
}

/** The token account, if the account is one; null: a wallet. */
export function solanaTokenAccount(account: Read<typeof solanaAccount> | null): string | null {
  if (account === null) return null
  const address = solanaText(account.Address)
  return address === '' || solanaWallet(account) === address ? null : address
}

export function solanaAsset(currency: Read<typeof solanaCurrency> | null): Asset | null {
  if (currency === null) return null
  const { Native, MintAddress, Symbol: symbol, Decimals } = currency
  return { address: Native ? '' : solanaText(MintAddress), symbol, decimals: Decimals }
}
