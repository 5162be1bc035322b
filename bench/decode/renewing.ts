import { messageType } from '../../dev/synthetic/protobuf.ts'
import { createRandom } from '../../dev/synthetic/random.ts'
import type { Load } from './loads.ts'

/**
 * Copies of these values, one after the other and again, with new hashes of their transactions in each:
 * a hash comes once on a chain, so its text cannot be remembered, and what was handled is not handled again.
 */
export function renewing({ name, hashes }: Load, values: readonly Buffer[]): () => Buffer {
  const type = messageType(name)
  const places = values.map((value) => placesOf(type.decode(value), hashes, value))
  const random = createRandom(12, 0, 0)
  let made = 0
  return () => {
    const index = made++ % values.length
    const value = Buffer.from(values[index] as Buffer)
    for (const { at, length } of places[index] ?? []) {
      for (let end = at + length, next = at; next < end; next++) value[next] = random.next() & 255
    }
    return value
  }
}

interface Place {
  readonly at: number
  readonly length: number
}

/** Where the bytes are that the path leads to: protobufjs reads them as views of the value. */
function placesOf(part: unknown, [first, ...rest]: readonly string[], value: Buffer): Place[] {
  if (Array.isArray(part))
    return part.flatMap((one) => placesOf(one, first === undefined ? [] : [first, ...rest], value))
  if (first !== undefined) return placesOf(Reflect.get(part as object, first), rest, value)
  const { byteOffset, length } = part as Uint8Array
  return [{ at: byteOffset - value.byteOffset, length }]
}
