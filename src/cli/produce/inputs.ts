import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { addAbortSignal } from 'node:stream'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { readBounded } from '../records/sample-files.ts'

/** Bytes of one line. */
const MAX_LINE = 64 * 1024 * 1024

/** A record before it is made. */
export interface Item {
  /** `file:line`, or the file. */
  readonly place: string
  readonly bytes: Buffer
  readonly isFile: boolean
}

/** Standard input is `-`. A folder stands for its files, in the order of their names. */
export async function filesOf(inputs: readonly string[]): Promise<readonly string[]> {
  const files: string[] = []
  for (const input of inputs.length === 0 ? ['-'] : inputs) {
    if (input === '-' || !(await isFolder(input))) {
      files.push(input)
      continue
    }
    const entries = await readdir(input, { withFileTypes: true })
    const names = entries
      .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort()
    if (names.length === 0) throw wrong(input, 'has no file')
    files.push(...names.map((name) => join(input, name)))
  }
  return files
}

/** @param each `null`: by the name of the file */
export async function* itemsOf(
  file: string,
  each: 'line' | 'file' | null,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const isWhole = each === null ? file.endsWith('.json') : each === 'file'
  if (isWhole && file !== '-') {
    yield { place: file, bytes: await readBounded(file), isFile: true }
    return
  }
  const stream: Readable = file === '-' ? process.stdin : createReadStream(file)
  const name = file === '-' ? 'standard input' : basename(file)
  if (!signal.aborted) addAbortSignal(signal, stream)
  try {
    if (isWhole) yield { place: name, bytes: await wholeOf(stream), isFile: true }
    else yield* linesOf(stream, name)
  } catch (error) {
    if (signal.aborted) return
    if (error instanceof OccError) throw error
    const isMissing = codeOf(error) === 'ENOENT'
    throw wrong(file, isMissing ? 'does not exist' : `cannot be read: ${messageOf(error)}`)
  }
}

async function wholeOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > MAX_LINE) throw wrong('standard input', `has more than ${MAX_LINE} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function* linesOf(stream: Readable, name: string): AsyncGenerator<Item> {
  let number = 1
  let begun: Buffer[] = []
  let size = 0

  function line(end: Buffer): Item | null {
    const whole = begun.length === 0 ? end : Buffer.concat([...begun, end])
    begun = []
    size = 0
    const bytes = whole.at(-1) === 13 ? whole.subarray(0, -1) : whole
    const place = `${name}:${number}`
    number += 1
    return bytes.some((byte) => byte > 32) ? { place, bytes, isFile: false } : null
  }

  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let start = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const item = line(chunk.subarray(start, end))
      start = end + 1
      if (item !== null) yield item
    }
    if (start === chunk.length) continue
    begun.push(chunk.subarray(start))
    size += chunk.length - start
    if (size > MAX_LINE) {
      throw wrong(
        `${name}:${number}`,
        `has more than ${MAX_LINE} bytes; --each file takes it as one value`,
      )
    }
  }
  const last = size === 0 ? null : line(Buffer.alloc(0))
  if (last !== null) yield last
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : messageOf(error)
    throw wrong(path, why)
  }
}

function wrong(path: string, why: string): OccError {
  return new OccError('OCC_SAMPLE', `${path} ${why}. Remedy: correct the path or the file`)
}
