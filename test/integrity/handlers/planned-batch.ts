// A batch is all or nothing, as a transaction is: with a bad record in it, none of it is done. Writes
// lines as planned.ts does, in one system call for the whole batch.
import { existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'
import type { Task } from '../support/tasks.ts'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')
let switches = ''

export default defineHandler({
  name: 'planned-batch',
  batch: { size: 50, within: 20 },

  open({ options }) {
    switches = String(options['switches'])
  },

  async handle(messages, { attempt }) {
    const began = Number(process.hrtime.bigint() / 1000n)
    const isRepaired = existsSync(join(switches, 'repaired'))
    await sleep(5)

    function write(result: 'ok' | 'retry' | 'dead'): void {
      const lines = messages.map(({ document, record: { partition, offset } }, index) => {
        const { id, key } = document as unknown as Task
        // One after the other, as far as others can tell.
        const time = began + index
        return `${[id, key ?? '', partition, offset, attempt, result, time, time].join(',')}\n`
      })
      writeSync(file, lines.join(''))
    }

    const faults = messages.map(({ document }) => (document as unknown as Task).fault)
    const fault = isRepaired ? undefined : faults.find((each) => each !== null)
    if (fault === undefined || fault === null) {
      write('ok')
      return
    }
    const isPermanent = fault === 'permanent'
    // Of a larger batch nobody knows yet which record it is.
    if (messages.length === 1) write(isPermanent ? 'dead' : 'retry')
    throw isPermanent ? new TypeError('this is a mistake') : new Error('this fails always')
  },
})
