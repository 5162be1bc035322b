import type { Json } from '../types.ts'

/** What was wanted of a document, as the scanner writes it. */
export interface Scanned {
  /** Objects, lists and names, as in dev/json-scan/assembly.ts; empty: nothing was wanted. */
  readonly shape: string
  /** All values, as JSON. */
  readonly values: string
}

const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const VALUE = 0x76
const CLOSE_BRACE = 0x7d
const FIRST_CODE = 0x80

const NONE: readonly Json[] = []

let shape = ''
let values = NONE
let names: readonly string[] = []
let at = 0
let next = 0

/**
 * The document of what was wanted. JSON.parse of an array and this take half the time of JSON.parse of the
 * same with its objects and names.
 * @param codes The name of each code, from 128 on.
 */
export function build(scanned: Scanned, codes: readonly string[]): Json {
  shape = scanned.shape
  values = JSON.parse(scanned.values)
  names = codes
  at = 0
  next = 0
  const document = buildValue()
  // Otherwise the last message of each thread would stay.
  shape = ''
  values = NONE
  return document
}

function buildValue(): Json {
  const mark = shape.charCodeAt(at++)
  if (mark === VALUE) return values[next++] as Json
  if (mark === OPEN_BRACKET) {
    const list: Json[] = []
    while (shape.charCodeAt(at) !== CLOSE_BRACKET) list.push(buildValue())
    at++
    return list
  }
  const object: { [name: string]: Json } = {}
  for (;;) {
    const code = shape.charCodeAt(at++)
    if (code === CLOSE_BRACE) return object
    object[names[code - FIRST_CODE] as string] = buildValue()
  }
}
