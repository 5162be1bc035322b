import { tronAddress as base58check } from '../../kernel/address.ts'
import { base58, MAX_BASE58_BYTES } from '../../kernel/text/base58.ts'
import { remembering } from './remembering.ts'

const TRON_PREFIX = 0x41
const ADDRESS_BYTES = 20
const SOLANA_BYTES = 32

const solanaAddress = remembering(SOLANA_BYTES, base58)

/** Base58 of an address, hash or signature; hex of anything too long to be one. */
export function solanaText(bytes: Uint8Array): string {
  if (bytes.length === SOLANA_BYTES) return solanaAddress(bytes)
  return bytes.length <= MAX_BASE58_BYTES ? base58(bytes) : hashText(bytes)
}

const evmAddress = remembering(ADDRESS_BYTES, (bytes) => `0x${hashText(bytes)}`)

/** `0x` and lower-case hex; no bytes are an empty text. */
export function evmText(bytes: Uint8Array): string {
  if (bytes.length === ADDRESS_BYTES) return evmAddress(bytes)
  return bytes.length === 0 ? '' : `0x${hashText(bytes)}`
}

const tronAddress = remembering(ADDRESS_BYTES, (bytes) =>
  base58check(Buffer.concat([Buffer.of(TRON_PREFIX), bytes])),
)

/** Base58check of 0x41 and the 20 bytes, which the wire has with or without the 0x41. */
export function tronText(bytes: Uint8Array): string {
  if (bytes.length === ADDRESS_BYTES) return tronAddress(bytes)
  const isPrefixed = bytes.length === ADDRESS_BYTES + 1 && bytes[0] === TRON_PREFIX
  return isPrefixed ? tronAddress(bytes.subarray(1)) : hashText(bytes)
}

/** Hex without `0x`. */
export function hashText(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('hex')
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
