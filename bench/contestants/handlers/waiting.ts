// A handler whose work is to wait, as one that asks a database does.
import { setTimeout as wait } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'
import { createMeasure, readTask } from '../measure.ts'

const handled = createMeasure(readTask())
const milliseconds = Number(process.env['WAIT'])

export default defineHandler({
  name: 'waiting',
  async handle({ record }) {
    await wait(milliseconds)
    handled(record.timestamp)
  },
})
