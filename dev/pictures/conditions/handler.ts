// Does what the record asks for. While the file `mood` says so, it fails with every record.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

let mood = ''

export default defineHandler({
  name: 'ledger',

  async open({ options }) {
    mood = String(options['mood'])
    // Until it is open, the service is starting.
    await sleep(Number(options['opensFor'] ?? 0))
  },

  async handle({ document }, { emit, later, parked }) {
    if (readFileSync(mood, 'utf8') === 'fails')
      throw new Error('connect ECONNREFUSED 10.20.0.7:5432')
    const { does = '' } = Object(document)
    if (does === 'hang') await new Promise(() => {})
    if (does === 'slow') await sleep(1_000)
    if (does === 'emit') await emit('rows', { a: 1 })
    if (does === 'die') process.exit(1)
    if (does === 'park' && parked === null) return later(60_000)
    if (does === 'stray') setTimeout(() => Promise.reject(new Error('the audit has failed')), 10)
    return undefined
  },
})
