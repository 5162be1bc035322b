// A handler that does nothing but count.
import { defineHandler } from 'onchain-consumer'
import { createMeasure, readTask } from '../measure.ts'

const handled = createMeasure(readTask())

export default defineHandler({
  name: 'counting',
  handle({ record }) {
    handled(record.timestamp)
  },
})
