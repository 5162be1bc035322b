import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, OccError } from '../kernel/errors.ts'
import type { KafkaRecord, RecordHeader } from '../kernel/record.ts'

export interface FailedRecords {
  /** Resolves when the record is on the disk; concurrent calls share one write. */
  keep(record: KafkaRecord, error: OccError): Promise<void>
  close(): Promise<void>
}

/**
 * Keeps records that cannot be handled in a local NDJSON file, one JSON object a line: where it
 * came from, why and when it failed, and its key, value and headers in base64. Written and synced
 * before the promise resolves. `maxBytes` bounds the file: past it nothing more is taken, and so
 * nothing is lost either, because an offset whose record is not kept is not finished.
 */
export function createFailedRecords(path: string, maxBytes: number): FailedRecords {
  let file: FileHandle | null = null
  let size = 0
  let pending: string[] = []
  let writing: Promise<void> = Promise.resolve()
  let nextWrite: Promise<void> | null = null

  async function ensureOpen(): Promise<FileHandle> {
    if (file !== null) return file
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const opened = await open(path, 'a+', 0o600)
    size = (await opened.stat()).size
    // A crash may have left a line without its end; what follows must not be glued to it.
    if (size > 0) {
      const { buffer } = await opened.read(Buffer.alloc(1), 0, 1, size - 1)
      if (buffer[0] !== 0x0a) await opened.write('\n')
    }
    file = opened
    return opened
  }

  async function write(): Promise<void> {
    const lines = pending.join('')
    pending = []
    const bytes = Buffer.byteLength(lines)
    try {
      const opened = await ensureOpen()
      if (size + bytes > maxBytes) {
        throw new OccError(
          'OCC_FAILED_RECORDS_FULL',
          `${path} holds ${size} of ${maxBytes} bytes (sink.failedRecords.maxBytes): move it away, or raise the limit.`,
          { retriable: true },
        )
      }
      await opened.appendFile(lines)
      await opened.datasync()
      size += bytes
    } catch (error) {
      // The handle may be broken, or the file moved away: begin again with the next try.
      await file?.close().catch(() => {})
      file = null
      if (error instanceof OccError) throw error
      throw new OccError(
        'OCC_FAILED_RECORDS_WRITE',
        `Cannot keep a failed record in ${path} (sink.failedRecords.file): ${messageOf(error)}.`,
        { cause: error, retriable: true },
      )
    }
  }

  return {
    keep(record, error) {
      pending.push(`${JSON.stringify(toLine(record, error))}\n`)
      nextWrite ??= writing.then(() => {
        nextWrite = null
        const current = write()
        writing = current.catch(() => {})
        return current
      })
      return nextWrite
    },
    async close() {
      await writing
      await file?.close()
      file = null
    },
  }
}

function toLine(record: KafkaRecord, error: OccError) {
  return {
    original_topic: record.topic,
    original_partition: record.partition,
    original_offset: record.offset,
    original_timestamp: new Date(record.timestamp).toISOString(),
    error_type: error.code,
    error_message: error.message,
    failed_at: new Date().toISOString(),
    key: base64(record.key),
    value: base64(record.value),
    headers: Object.fromEntries(
      Object.entries(record.headers ?? {}).map(([name, value]) => [name, headerBase64(value)]),
    ),
  }
}

function headerBase64(header: RecordHeader | undefined): string | null | Array<string | null> {
  if (typeof header === 'string') return base64(Buffer.from(header))
  if (Buffer.isBuffer(header)) return base64(header)
  return header?.map((item) => base64(Buffer.from(item))) ?? null
}

function base64(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('base64')
}
