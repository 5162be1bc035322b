// Parks each record once, and notes that before it answers; notes also when it gets the record again. What was
// written survives a kill -9. A line: what, partition, offset, time, and when the record is due at the earliest.
// With `options.emits`, each call emits a row to the sink `db`, which says whether the record came back. With
// `options.every`, a call with a record that came back may end its worker thread: see death.ts.
import { openSync, writeSync } from 'node:fs'
import { defineHandler } from 'onchain-consumer'
import { mayDie } from './death.ts'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

export default defineHandler({
  name: 'parking',

  async handle({ record: { partition, offset } }, { emit, later, parked, options }) {
    if (options['emits'] === true)
      await emit('db', { place: `${partition}/${offset}`, back: parked !== null })
    const now = Date.now()
    if (parked !== null) {
      writeSync(file, `handled,${partition},${offset},${now},\n`)
      mayDie({ partition, offset }, options)
      return
    }
    // Spread over the time in which all of them are due.
    const after = Math.ceil(((offset * 7919) % 1000) * (Number(options['within']) / 1000))
    writeSync(file, `parked,${partition},${offset},${now},${now + after}\n`)
    return later(after)
  },
})
