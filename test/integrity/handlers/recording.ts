// Writes one line for each message, in one system call, before the record counts as handled: what was written
// survives a kill -9. Configured by:
//   HANDLED_FILE    where the lines go: id, partition, offset, time, topic, and 1 if it is a replay
//   HANDLE_MS       how long it takes for each message; without it: no time
//   HANG_PARTITION  the first record of this partition is held until the file HANG_UNTIL is there
import { existsSync, openSync, writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'

const { HANDLED_FILE = '', HANDLE_MS = '0', HANG_PARTITION, HANG_UNTIL = '' } = process.env
const file = openSync(HANDLED_FILE, 'a')
let hung = false

export default defineHandler({
  name: 'recording',

  handle({ record: { topic, partition, offset, headers } }, { replay }) {
    const id = String(headers?.['synthetic-id'] ?? `${topic}/${partition}/${offset}`)
    const write = () => {
      const fields = [id, partition, offset, Date.now(), topic, Number(replay)]
      writeSync(file, `${fields.join(',')}\n`)
    }
    if (HANG_PARTITION !== undefined && partition === Number(HANG_PARTITION) && !hung) {
      hung = true
      return released().then(write)
    }
    if (HANDLE_MS !== '0') return sleep(Number(HANDLE_MS)).then(write)
    return write()
  },
})

async function released(): Promise<void> {
  while (!existsSync(HANG_UNTIL)) await sleep(100)
}
