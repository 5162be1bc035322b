import type { Format } from './format.ts'
import { withoutEvents } from './without-events.ts'

/** The unpacked bytes; for a plain value, the record's own. */
export const raw: Format = {
  name: 'raw',
  about: 'readable',
  open: () => (record, bytes, from) =>
    withoutEvents(record, bytes, from, from.borrowed ? Buffer.from(bytes) : bytes),
}
