// Parks each record once, and notes that before it answers; notes also when it gets the record again. What was
// written survives a kill -9. A line: what, partition, offset, time, and when the record is due at the earliest.
import { openSync, writeSync } from 'node:fs'
import { defineHandler } from 'onchain-consumer'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

export default defineHandler({
  name: 'parking',

  handle({ record: { partition, offset } }, { later, parked, options }) {
    const now = Date.now()
    if (parked !== null) {
      writeSync(file, `handled,${partition},${offset},${now},\n`)
      return
    }
    // Spread over the time in which all of them are due.
    const after = Math.ceil(((offset * 7919) % 1000) * (Number(options['within']) / 1000))
    writeSync(file, `parked,${partition},${offset},${now},${now + after}\n`)
    return later(after)
  },
})
