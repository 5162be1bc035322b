// The service as a process of its own, so that it can be killed. Its handler writes one line for
// each message, in one system call, before the record counts as handled: what was written survives
// a kill -9. Configured by the service's own environment variables and:
//   HANDLED_FILE    where the lines go: id, partition, offset, time, topic, and 1 if it is a replay
//   HANDLE_MS       how long the handler takes for each message; without it: no time
//   HANG_PARTITION  the first record of this partition is held until the file HANG_UNTIL is there
import { existsSync, openSync, writeSync } from 'node:fs'
import { createApp } from '../../../src/app/create-app.ts'
import { formatProblems } from '../../../src/config/check/problems.ts'
import { loadConfig } from '../../../src/config/load/load.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { OK, type Outcome } from '../../../src/kernel/shapes/outcome.ts'
import type { TopicPartition } from '../../../src/kernel/shapes/record.ts'
import { createLogger } from '../../../src/observe/log/logger.ts'

const { HANDLED_FILE = '', HANDLE_MS = '0', HANG_PARTITION, HANG_UNTIL = '' } = process.env
const handled = openSync(HANDLED_FILE, 'a')
const loaded = loadConfig({ env: process.env })
if (!loaded.ok) {
  console.error(formatProblems(loaded.problems))
  process.exit(1)
}

let hung = false
const app = createApp({
  config: loaded.config,
  version: 'integrity',
  log: createLogger({ ...loaded.config.log, destination: process.stderr }),
  handler: ({ record }, { replay }): Outcome | Promise<Outcome> => {
    const { topic, partition, offset, headers } = record
    const place = { topic, partition, offset, replay }
    const id = String(headers?.['synthetic-id'] ?? `${topic}/${partition}/${offset}`)
    if (HANG_PARTITION !== undefined && partition === Number(HANG_PARTITION) && !hung) {
      hung = true
      return released().then(() => {
        write(id, place)
        return OK
      })
    }
    if (HANDLE_MS !== '0') {
      return sleep(Number(HANDLE_MS)).then(() => {
        write(id, place)
        return OK
      })
    }
    write(id, place)
    return OK
  },
})

async function released(): Promise<void> {
  while (!existsSync(HANG_UNTIL)) await sleep(100)
}

interface Place extends TopicPartition {
  readonly offset: number
  readonly replay: boolean
}

function write(id: string, { topic, partition, offset, replay }: Place): void {
  writeSync(handled, `${id},${partition},${offset},${Date.now()},${topic},${Number(replay)}\n`)
}

const { port } = await app.start()
console.log(JSON.stringify({ port }))
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => void app.stop().then(() => process.exit(0)))
}
await app.done.catch((error) => {
  console.error(error)
  process.exit(1)
})
