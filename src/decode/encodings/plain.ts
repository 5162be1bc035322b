import { OccError } from '../../kernel/errors.ts'
import type { ValueEncoding } from './encoding.ts'

/** An unencoded value, if no other encoding matches. */
export const plain: ValueEncoding = {
  name: 'plain',
  matches: () => true,
  open: ({ maxBytes }) => ({
    borrowed: false,
    read(value) {
      if (value.length <= maxBytes) return value
      throw new OccError(
        'OCC_MESSAGE_TOO_LARGE',
        `a value of ${value.length} bytes; decode.maxMessageBytes allows ${maxBytes}`,
      )
    },
  }),
}
