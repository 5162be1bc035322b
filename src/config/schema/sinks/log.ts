import * as z from 'zod'
import type { SinkSchema } from './sink-schema.ts'

export const log = {
  form: '{type: log}',
  about: '`log`: log lines.',
  schema: z.strictObject({ type: z.literal('log') }),
} as const satisfies SinkSchema
