import { createHash } from 'node:crypto'
import { base58, MAX_BASE58_BYTES } from './base58.ts'

/** The checksum costs ten times what it costs to look up an address, and addresses repeat. */
const REMEMBERED = 20_000
const TRON_PREFIX = 0x41
const ADDRESS_BYTES = 20

/** Base58 of an address, hash or signature; hex of anything too long to be one. */
export function solanaText(bytes: Uint8Array): string {
  return bytes.length <= MAX_BASE58_BYTES ? base58(bytes) : hashText(bytes)
}

/** `0x` and lower-case hex. */
export function evmText(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : `0x${hashText(bytes)}`
}

/** Base58check of 0x41 and the 20 bytes, which the wire has with or without the 0x41. */
export const tronText = remembering((bytes) => {
  const isBare = bytes.length === ADDRESS_BYTES
  if (!isBare && !(bytes.length === ADDRESS_BYTES + 1 && bytes[0] === TRON_PREFIX)) {
    return bytes.toString('hex')
  }
  const address = isBare ? Buffer.concat([Buffer.of(TRON_PREFIX), bytes]) : bytes
  const check = sha256(sha256(address)).subarray(0, 4)
  return base58(Buffer.concat([address, check]))
})

/** Hex without `0x`. */
export function hashText(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('hex')
}

function remembering(encode: (bytes: Buffer) => string): (bytes: Uint8Array) => string {
  const known = new Map<string, string>()
  return (bytes) => {
    if (bytes.length !== ADDRESS_BYTES) return encode(bufferOf(bytes))
    const key = bufferOf(bytes).toString('latin1')
    const found = known.get(key)
    if (found !== undefined) return found
    const text = encode(bufferOf(bytes))
    if (known.size >= REMEMBERED) known.clear()
    known.set(key, text)
    return text
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}
