/**
 * Converts an amount in smallest units to text in units of the asset, exactly: `1500000n` with 6
 * decimals is `1.5`.
 */
export function formatUnits(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

/**
 * Converts an amount in units of the asset to smallest units, exactly: `1.5` with 6 decimals is
 * `1500000n`. Fractions of the smallest unit are rounded up. Returns undefined if the text is not
 * an amount.
 */
export function parseUnits(text: string, decimals: number): bigint | undefined {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (match === null) return undefined
  const [, whole = '', fraction = ''] = match
  const kept = BigInt(whole + fraction.slice(0, decimals).padEnd(decimals, '0'))
  return /[1-9]/.test(fraction.slice(decimals)) ? kept + 1n : kept
}
