import * as z from 'zod'
import type { SinkSchema } from './sink-schema.ts'

export const log = {
  form: '{type: log}',
  about: '`log`: lines of the log.',
  schema: z.strictObject({ type: z.literal('log') }),
} as const satisfies SinkSchema
