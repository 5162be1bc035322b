// Does with each record what the record says (tasks.ts). Writes a line for each attempt that ended,
// in one system call and before it answers: what was written survives a kill -9.
import { EventEmitter } from 'node:events'
import { existsSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { defineHandler } from 'onchain-consumer'
import type { Task } from '../support/tasks.ts'

const { ATTEMPTS_FILE = '' } = process.env
const file = openSync(ATTEMPTS_FILE, 'a')
/** A folder: with `repaired` in it nothing fails, with `away` in it everything does. */
let switches = ''

/** The clock of the machine, so that times of several processes can be compared. */
function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function isOn(name: string): boolean {
  return existsSync(join(switches, name))
}

function fail(id: number): void {
  throw new Error(`the callback of ${id} failed`)
}

export default defineHandler({
  name: 'planned',

  open({ options }) {
    switches = String(options['switches'])
  },

  async handle({ document, record }, { attempt }) {
    const task = document as unknown as Task
    const began = microseconds()

    function write(result: 'ok' | 'retry' | 'dead'): void {
      const { partition, offset } = record
      const fields = [task.id, task.key ?? '', partition, offset, attempt, result, began]
      writeSync(file, `${fields.join(',')},${microseconds()}\n`)
    }

    // As with a database that goes away: what was done with it by then succeeds all the same, later.
    const isAway = isOn('away')
    if (task.wait > 0) await sleep(task.wait)
    if (isAway) {
      write('retry')
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    }
    if (task.fault === 'twice' && attempt <= 2) {
      write('retry')
      throw new Error('this fails twice')
    }
    if (task.fault !== null && task.fault !== 'twice' && !isOn('repaired')) {
      switch (task.fault) {
        case 'permanent':
          write('dead')
          throw new TypeError('this is a mistake')
        case 'always':
          write('retry')
          throw new Error('this fails always')
        case 'hang':
          await new Promise(() => {})
          break
        case 'loop':
          for (;;);
        case 'exit':
          return process.exit(3)
        case 'float':
          void sleep(2).then(() => Promise.reject(new Error(`the audit of ${task.id} failed`)))
          break
        case 'event':
          setImmediate(() => new EventEmitter().emit('error', new Error(`${task.id} broke off`)))
          break
        case 'timer':
          setTimeout(() => fail(task.id), 2)
          break
        case 'lost':
          await new Promise<void>((resolve) => setTimeout(() => resolve(fail(task.id)), 2))
      }
    }
    write('ok')
  },
})
