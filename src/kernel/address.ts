const EVM = /^0x[0-9a-f]{40,64}$/i

/**
 * An address as events have it. Only EVM addresses can be written in several ways: in upper and
 * lower case, which may be a checksum. Base58 is the same address in one case only.
 */
export function canonicalAddress(text: string): string {
  return EVM.test(text) ? text.toLowerCase() : text
}
