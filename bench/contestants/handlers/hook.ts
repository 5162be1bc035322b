// A webhook that takes one call a second, for one of EVERY records, as an alert to a chat does.
import { setTimeout as wait } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

const every = Number(process.env['EVERY'])
let free: Promise<unknown> = Promise.resolve()

export default defineHandler({
  name: 'hook',
  async handle({ record }) {
    if (record.offset % every !== 0) return
    free = free.then(() => wait(1_000))
    await free
  },
})
