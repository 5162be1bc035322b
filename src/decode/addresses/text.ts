import { tronAddress as base58check } from '../../kernel/address.ts'
import { base58, MAX_BASE58_BYTES } from '../../kernel/text/base58.ts'
import { remembering } from './remembering.ts'

// Texts of the bytes from `from` to `to`: a view of them would cost as much as the text.

const TRON_PREFIX = 0x41
const ADDRESS_BYTES = 20
const SOLANA_BYTES = 32

const solanaAddress = remembering(SOLANA_BYTES, base58)

/** Base58 of an address, hash or signature; hex of anything too long to be one. */
export function solanaText(bytes: Buffer, from: number, to: number): string {
  const length = to - from
  if (length === SOLANA_BYTES) return solanaAddress(bytes, from, to)
  return length <= MAX_BASE58_BYTES ? base58(bytes, from, to) : hashText(bytes, from, to)
}

const evmAddress = remembering(ADDRESS_BYTES, prefixed)

/** `0x` and lower-case hex; no bytes are an empty text. */
export function evmText(bytes: Buffer, from: number, to: number): string {
  if (to - from === ADDRESS_BYTES) return evmAddress(bytes, from, to)
  return from === to ? '' : prefixed(bytes, from, to)
}

function prefixed(bytes: Buffer, from: number, to: number): string {
  return `0x${hashText(bytes, from, to)}`
}

const tronAddress = remembering(ADDRESS_BYTES, (bytes, from, to) =>
  base58check(Buffer.concat([Buffer.of(TRON_PREFIX), bytes.subarray(from, to)])),
)

/** Base58check of 0x41 and the 20 bytes, which the wire has with or without the 0x41. */
export function tronText(bytes: Buffer, from: number, to: number): string {
  const length = to - from
  if (length === ADDRESS_BYTES) return tronAddress(bytes, from, to)
  const isPrefixed = length === ADDRESS_BYTES + 1 && bytes[from] === TRON_PREFIX
  return isPrefixed ? tronAddress(bytes, from + 1, to) : hashText(bytes, from, to)
}

/** Hex without `0x`. */
export function hashText(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('hex', from, to)
}
