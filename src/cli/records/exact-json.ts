type Reviver = (name: string, value: unknown, context: { readonly source?: string }) => unknown
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver: Reviver): unknown
  rawJSON(text: string): unknown
}

/**
 * JSON as a value that `JSON.stringify` writes with the digits it was read with: integers beyond
 * 2^53 and fractions are not rounded. Throws what JSON.parse throws.
 */
export function parseExactly(text: string): unknown {
  return parse(text, (_, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? rawJSON(source)
      : value,
  )
}
