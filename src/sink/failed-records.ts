import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DeadLetter, DeadLetterTarget } from '../kernel/dead-letter.ts'
import { messageOf, OccError } from '../kernel/errors.ts'
import type { RecordHeader } from '../kernel/record.ts'

/**
 * Keeps records that cannot be handled in a local NDJSON file, one JSON object a line: where it
 * came from, why and when it failed, and its key, value and headers in base64. Written and synced
 * before the promise resolves. `maxBytes` bounds the file: past it nothing more is taken, and so
 * nothing is lost either, because an offset whose record is not kept is not finished.
 *
 * The file is opened anew for each write: it may be moved away at any time.
 */
export function createFailedRecords(path: string, maxBytes: number): DeadLetterTarget {
  let pending: string[] = []
  let writing: Promise<void> = Promise.resolve()
  let nextWrite: Promise<void> | null = null

  async function append(lines: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const file = await open(path, 'a+', 0o600)
    try {
      const { size } = await file.stat()
      const bytes = Buffer.byteLength(lines)
      if (size + bytes > maxBytes) throw full(path, maxBytes, size, bytes)
      await file.appendFile((await endsInsideLine(file, size)) ? `\n${lines}` : lines)
      await file.datasync()
    } finally {
      await file.close()
    }
  }

  async function write(): Promise<void> {
    const lines = pending.join('')
    pending = []
    try {
      await append(lines)
    } catch (error) {
      if (error instanceof OccError) throw error
      throw new OccError(
        'OCC_FAILED_RECORDS_WRITE',
        `Cannot keep a failed record in ${path} (sink.failedRecords.file): ${messageOf(error)}.`,
        { cause: error, retriable: true },
      )
    }
  }

  return {
    keep(letter) {
      pending.push(`${JSON.stringify(toLine(letter))}\n`)
      nextWrite ??= writing.then(() => {
        nextWrite = null
        const current = write()
        writing = current.catch(() => {})
        return current
      })
      return nextWrite
    },
    async close() {
      await nextWrite?.catch(() => {})
      await writing
    },
  }
}

function full(path: string, maxBytes: number, size: number, bytes: number): OccError {
  return new OccError(
    'OCC_FAILED_RECORDS_FULL',
    `${path} holds ${size} of ${maxBytes} bytes (sink.failedRecords.maxBytes) and ${bytes} more do not fit: ` +
      'move it away, or raise the limit.',
    { retriable: true },
  )
}

/** A crash, or a full disk, may have left a line without its end: nothing must be glued to it. */
async function endsInsideLine(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== 0x0a
}

function toLine({ record, error, failedAt, attempts, handler }: DeadLetter) {
  return {
    original_topic: record.topic,
    original_partition: record.partition,
    original_offset: record.offset,
    original_timestamp: isoTime(record.timestamp),
    error_type: error.code,
    error_message: error.message,
    failed_at: new Date(failedAt).toISOString(),
    attempts,
    handler,
    key: base64(record.key),
    value: base64(record.value),
    headers: Object.fromEntries(
      Object.entries(record.headers ?? {}).map(([name, value]) => [name, headerBase64(value)]),
    ),
  }
}

/** Producers set timestamps as they like: one in nanoseconds is no date, and must not throw. */
function isoTime(timestamp: number): string {
  const date = new Date(timestamp)
  return Number.isNaN(date.getTime()) ? String(timestamp) : date.toISOString()
}

/** A header can be null on the wire, alone or among several of its name. */
function headerBase64(
  header: RecordHeader | null | undefined,
): string | null | Array<string | null> {
  if (header === null || header === undefined) return null
  if (typeof header === 'string' || Buffer.isBuffer(header)) return base64(header)
  return header.map(base64)
}

function base64(bytes: Buffer | string | null): string | null {
  if (bytes === null) return null
  return (typeof bytes === 'string' ? Buffer.from(bytes) : bytes).toString('base64')
}
