import { decodeText } from '../text.ts'
import type { Format } from './format.ts'
import { withoutEvents } from './without-events.ts'

/** UTF-8 text. */
export const text: Format = {
  name: 'text',
  open: () => (unpacked) => withoutEvents(unpacked, decodeText(unpacked.bytes)),
}
