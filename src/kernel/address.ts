import { createHash } from 'node:crypto'
import { base58 } from './text/base58.ts'

const EVM = /^0x[0-9a-f]{40}$/i
/** 0x41 and the 20 bytes of an address, as Tron's tools write it. */
const TRON = /^(?:0x)?41[0-9a-f]{40}$/i
/** Hashes of EVM chains. */
const HEX = /^0x[0-9a-f]{64}$/i

/**
 * An address as events have it, whatever its text: EVM addresses in upper and lower case, which may
 * be a checksum; Tron's as hex. Base58 is the same address in one case only.
 */
export function canonicalAddress(text: string): string {
  if (EVM.test(text) || HEX.test(text)) return text.toLowerCase()
  return TRON.test(text) ? tronAddress(Buffer.from(text.slice(-42), 'hex')) : text
}

/** Base58check. @param address 0x41 and the 20 bytes. */
export function tronAddress(address: Uint8Array): string {
  const check = sha256(sha256(address)).subarray(0, 4)
  return base58(Buffer.concat([address, check]))
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
