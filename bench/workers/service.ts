// The service as it is installed, until it has handled COUNT records of the topic; what it measured is
// one line of JSON. WORKERS as in `processing.workers`; with ROUNDS each record is hashed so often.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createLogger } from '../../src/observe/logger.ts'
import { createMeters } from '../../src/observe/meters.ts'
import { readTask } from '../contestants/measure.ts'
import { threadSeconds } from './thread-seconds.ts'

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
await app.start()
let started = 0
let before = threadSeconds()
setInterval(() => {
  const { handled } = meters.topic(task.topic)
  if (handled === 0) return
  if (started === 0) {
    started = performance.now()
    before = threadSeconds()
  }
  if (handled < task.count) return
  const threads = [...threadSeconds()].map(([id, seconds]) => seconds - (before.get(id) ?? 0))
  console.log(
    JSON.stringify({
      records: handled,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: threads.reduce((sum, seconds) => sum + seconds, 0),
      busiestSeconds: Math.max(...threads),
      residentMiB: process.resourceUsage().maxRSS / 1024,
    }),
  )
  process.exit(0)
}, 5)
await app.done
