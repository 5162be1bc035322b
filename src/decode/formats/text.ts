import { decodeText } from '../text.ts'
import type { Format } from './format.ts'
import { withoutEvents } from './without-events.ts'

/** UTF-8 text. */
export const text: Format = {
  name: 'text',
  about: 'UTF-8 text',
  open: () => (record, bytes, from) => withoutEvents(record, bytes, from, decodeText(bytes)),
}
