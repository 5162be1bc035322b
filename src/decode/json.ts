import { messageOf, OccError } from '../kernel/errors.ts'
import { quoteBigIntegers } from './json-integers.ts'
import { decodeText, markLength } from './text.ts'
import type { Json } from './types.ts'

/** Longer texts are not searched for the position of an unexpected character: too slow. */
const MAX_SEARCHED = 64 * 1024

/**
 * Parses UTF-8 JSON like JSON.parse, except that integers beyond 2^53 become strings of their
 * digits, where JSON.parse would silently round. Numbers with a fraction or an exponent stay
 * numbers. A byte order mark is ignored; nesting may be of any depth.
 * @throws OccError OCC_TEXT_INVALID_UTF8 or OCC_JSON_INVALID, which says where and never quotes
 */
export function parseJson(bytes: Buffer): Json {
  const unmarked = markLength(bytes) === 0 ? bytes : bytes.subarray(3)
  try {
    return JSON.parse(decodeText(quoteBigIntegers(unmarked)))
  } catch {
    // Report the original text: the inserted quotes shift the position.
    throw invalid(decodeText(bytes))
  }
}

function invalid(text: string): OccError {
  const reason = text === '' ? 'it is empty' : rejection(text)
  return new OccError('OCC_JSON_INVALID', `not JSON: ${reason} (${text.length} characters)`)
}

/**
 * V8's message without the excerpt of the text that it may quote. The error is not kept as the
 * cause either, because it would carry that excerpt into the logs.
 */
function rejection(text: string): string {
  const message = parseMessage(text) ?? ''
  if (message.startsWith('Unexpected end')) return 'it ends too early'
  // Only this message has no position and quotes the text.
  if (message.startsWith('Unexpected token')) {
    const at = text.length > MAX_SEARCHED ? undefined : firstRejected(text)
    return at === undefined ? 'unexpected character' : `unexpected character at ${at}`
  }
  const located = LOCATED.exec(message)
  return located === null ? 'it cannot be parsed' : `${located[1]}, at character ${located[2]}`
}

const LOCATED = /^([A-Z][^\n]{0,70}?)(?: in JSON)? at position (\d+)/

/** The first character with which the text can no longer be valid, by bisection. */
function firstRejected(text: string): number {
  let acceptable = 0
  let rejected = text.length
  while (rejected - acceptable > 1) {
    const middle = (acceptable + rejected) >>> 1
    if (mayContinue(text.slice(0, middle))) acceptable = middle
    else rejected = middle
  }
  return acceptable
}

/** Whether only the end of `start` is invalid. */
function mayContinue(start: string): boolean {
  const message = parseMessage(start)
  if (message === undefined || message.startsWith('Unexpected end')) return true
  return LOCATED.exec(message)?.[2] === String(start.length)
}

function parseMessage(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}
