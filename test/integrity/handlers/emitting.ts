// Emits each event once to the sink `rows`. The first call with one message in twenty fails, after a
// while, so that duplicates come while the first of them is in flight or waits for another attempt.
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

export default defineHandler({
  name: 'emitting',

  async handle({ events, record: { offset } }, { attempt, emit }) {
    await sleep(offset % 10)
    if (offset % 20 === 0 && attempt === 1) throw new Error('this fails once')
    for (const { id } of events) await emit('rows', { id }, { id })
  },
})
