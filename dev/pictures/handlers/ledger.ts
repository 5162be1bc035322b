// Writes every event as a row, unless the file `moodFile` says that it fails (dev/pictures/mood.ts).
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'
import { type Mood, WELL } from '../mood.ts'

/** Milliseconds between two looks at the file. */
const LOOK = 200

let file = ''
let mood: Mood = WELL
let looked = 0

export default defineHandler({
  name: 'ledger',

  open({ options }) {
    file = String(options['moodFile'])
  },

  async handle({ events, record }, { emit }) {
    if (Date.now() - looked > LOOK) {
      looked = Date.now()
      mood = JSON.parse(readFileSync(file, 'utf8'))
    }
    if (mood.delay > 0) await sleep(mood.delay)
    if (mood.fails) throw new Error('connect ECONNREFUSED 10.20.0.7:5432')
    if (mood.rejects > 0 && record.offset % mood.rejects === 0) {
      throw new TypeError('no account for this asset')
    }
    await Promise.all(
      events.map(({ id, from, to, amount }) => emit('rows', { id, from, to, amount }, { id })),
    )
  },
})
