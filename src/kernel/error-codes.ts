import { commands } from './error-codes/commands.ts'
import { connection } from './error-codes/connection.ts'
import { deadLetters } from './error-codes/dead-letters.ts'
import { decoding } from './error-codes/decoding.ts'
import { group } from './error-codes/group.ts'
import { handlers } from './error-codes/handlers.ts'
import { kubernetes } from './error-codes/kubernetes.ts'
import { offsets } from './error-codes/offsets.ts'
import { service } from './error-codes/service.ts'
import { settings } from './error-codes/settings.ts'
import { writing } from './error-codes/writing.ts'

/** The chapters of docs/errors.md, in their order. A new code is one entry in one of them. */
export const errorChapters = [
  settings,
  connection,
  group,
  offsets,
  decoding,
  handlers,
  deadLetters,
  writing,
  service,
  kubernetes,
  commands,
] as const

type CodesOf<Chapter> = Chapter extends { readonly codes: infer Codes } ? keyof Codes : never

/** Every error code that this service uses. */
export type ErrorCode = CodesOf<(typeof errorChapters)[number]>
