// Parks some records until a random time, some of them twice, and notes when it begins and has handled each. What was
// written survives a kill -9. A line: what, partition, offset, key, time.
import { openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')

export default defineHandler({
  name: 'holding',

  async handle({ record: { partition, offset, key } }, { later, parked, options }) {
    const note = (what: string) =>
      writeSync(file, `${what},${partition},${offset},${key?.toString()},${Date.now()}\n`)
    const tenth = (offset * 7919) % 10
    // Of ten records one is parked once, and one twice.
    const wanted = tenth < 2 ? tenth + 1 : 0
    if ((parked?.times ?? 0) < wanted) {
      note('parked')
      return later(Math.ceil(Math.random() * Number(options['within'])))
    }
    note('begun')
    await sleep(2)
    note('handled')
    return
  },
})
