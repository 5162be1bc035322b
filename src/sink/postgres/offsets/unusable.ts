import { messageOf, OccError } from '../../../kernel/errors.ts'

/** OCC_OFFSETS_STORE: the table of offsets cannot be used now. */
export function unusable(table: string, cause: unknown): OccError {
  return new OccError('OCC_OFFSETS_STORE', `The table ${table}: ${messageOf(cause)}`, {
    cause,
    retriable: true,
  })
}
