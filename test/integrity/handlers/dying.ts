// Emits each event once to the sink `db`, and ends its worker thread now and then: see death.ts.
import { defineHandler } from 'onchain-consumer'
import { mayDie } from './death.ts'

export default defineHandler({
  name: 'dying',

  async handle({ events, record: { partition, offset } }, { emit, options }) {
    for (const { id } of events) await emit('db', { id, partition, offset })
    mayDie({ partition, offset }, options)
  },
})
