import type * as z from 'zod'
import { checked, text } from '../fields.ts'
import { checkName } from '../names.ts'

/** One type of sinks: the keys below its name in the configuration. */
export interface SinkSchema {
  /** Its keys, for documents and remedies: `{type: file, path}`. */
  readonly form: string
  /** One or two sentences for the documents. */
  readonly about: string
  /** A list that is emitted is several values, taken all or none. */
  readonly lists?: true
  /** A strict object whose `type` is a literal; keys that end in `File` name files. */
  readonly schema: z.ZodObject<{ type: z.ZodLiteral<string> }>
}

/** The sink that gets what this one refuses. */
export const fallback = checked(text(), checkName).optional()
