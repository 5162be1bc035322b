import * as z from 'zod'
import { bytes, file as filePath, integer } from '../fields.ts'
import { fallback, type SinkSchema } from './sink-schema.ts'

export const file = {
  form: '{type: file, path, maxBytes, keep, fallback}',
  about:
    '`file`: NDJSON, synced to disk; above `maxBytes` (256MiB) it is rotated to path.1, and `keep` (10) rotated files are kept.',
  schema: z.strictObject({
    type: z.literal('file'),
    path: filePath('name the file to write'),
    maxBytes: bytes('64KiB', '1TiB').prefault('256MiB'),
    keep: integer(0, 10_000).prefault(10),
    fallback,
  }),
} as const satisfies SinkSchema
