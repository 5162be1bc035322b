const MILLISECONDS = ['retry-after-ms', 'x-ms-retry-after-ms']

/**
 * When the response behind an HTTP error asks for the next attempt, in milliseconds; null: not
 * stated. The headers are those of the error, its `response` or its `res`.
 *
 * @param now milliseconds since the epoch: `Retry-After` may be a date.
 */
export function retryAfter(error: object, now: number): number | null {
  for (const holder of holdersOf(error)) {
    const headers = Reflect.get(holder, 'headers')
    if (typeof headers !== 'object' || headers === null) continue
    for (const name of MILLISECONDS) {
      const text = headerOf(headers, name)
      if (isNumber(text)) return Number(text)
    }
    const text = headerOf(headers, 'retry-after')
    if (isNumber(text)) return Number(text) * 1000
    const date = Date.parse(text)
    if (!Number.isNaN(date)) return Math.max(0, date - now)
  }
  return null
}

/** What may hold the response of an HTTP error of fetch, axios, got, undici and others. */
export function holdersOf(error: object): object[] {
  const holders = [error, Reflect.get(error, 'response'), Reflect.get(error, 'res')]
  return holders.filter((holder) => typeof holder === 'object' && holder !== null)
}

function isNumber(text: string): boolean {
  return /^\d+(\.\d+)?$/.test(text)
}

/**
 * Reads a header from a `Headers`, an object with names in any case, or a list of pairs, flat or
 * nested; '' if missing.
 */
function headerOf(headers: object, name: string): string {
  const get = Reflect.get(headers, 'get')
  const got = typeof get === 'function' ? Reflect.apply(get, headers, [name]) : undefined
  return firstText(got) || firstText(pairsOf(headers).find(([key]) => key === name)?.[1])
}

function pairsOf(headers: object): Array<readonly [string, unknown]> {
  const list = Array.isArray(headers) ? headers : Object.entries(headers)
  const pairs: unknown[][] = list.every(Array.isArray)
    ? list
    : list.flatMap((key, index) => (index % 2 === 0 ? [[key, list[index + 1]]] : []))
  return pairs.map(([key, value]) => [String(key).toLowerCase(), value] as const)
}

function firstText(value: unknown): string {
  const first = Array.isArray(value) ? value[0] : value
  return typeof first === 'string' || typeof first === 'number' ? String(first).trim() : ''
}
