// The service as it is installed, until it has handled COUNT records of the topic; what it measured is
// one line of JSON. WORKERS as in `processing.workers`; with ROUNDS each record is hashed so often.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLogger } from '../../src/observe/logger.ts'
import { createMeters } from '../../src/observe/meters.ts'
import { createMeasure, readTask } from '../contestants/measure.ts'

const { WORKERS = '0', ROUNDS = '0' } = process.env
const task = readTask()
const folder = join(tmpdir(), `bench-workers-${process.pid}`)
const file = `${folder}.yaml`
const hashing = {
  path: join(import.meta.dirname, 'hashing.ts'),
  options: { rounds: Number(ROUNDS) },
}
writeFileSync(
  file,
  JSON.stringify({
    kafka: {
      brokers: [task.brokers],
      topics: [task.topic],
      groupId: task.groupId,
      autoOffsetReset: 'earliest',
    },
    handlers: ROUNDS === '0' ? [] : [hashing],
    deduplication: { window: 0 },
    processing: { workers: WORKERS },
    http: { port: 0 },
    sink: { log: { mode: 'off' } },
    deadLetters: { file: { folder } },
  }),
)
const loaded = loadConfig({ file, env: {} })
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
const meters = createMeters()
const app = createApp({
  config: loaded.config,
  version: 'bench',
  meters,
  log: createLogger({ level: 'error', format: 'text', destination: process.stderr }),
})
const handled = createMeasure(task)
await app.start()
let counted = 0
setInterval(() => {
  const meter = meters.topic(task.topic)
  // What came since the last look; the last of them ends the process with its report.
  for (; counted < meter.handled; counted++) handled(0)
}, 5)
await app.done
