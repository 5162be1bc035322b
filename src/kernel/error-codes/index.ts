import { commands } from './commands.ts'
import { connection } from './connection.ts'
import { deadLetters } from './dead-letters.ts'
import { decoding } from './decoding.ts'
import { group } from './group.ts'
import { handlers } from './handlers.ts'
import { kubernetes } from './kubernetes.ts'
import { offsets } from './offsets.ts'
import { service } from './service.ts'
import { settings } from './settings.ts'
import { writing } from './writing.ts'

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
