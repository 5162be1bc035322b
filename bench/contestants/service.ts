// This service as it is installed, metrics and commits on, log sink off, until it has handled COUNT
// records. HANDLER is the module of a handler, if there is one; BESIDE and SECTIONS, as JSON, more entries of
// `handlers` and what else stands in the configuration. Who counts: a handler that does so itself
// (COUNTS=handler), else the meters.
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app/create-app.ts'
import { configOrThrow } from '../../src/config/load/load.ts'
import { createLogger } from '../../src/observe/log/logger.ts'
import { createMeters } from '../../src/observe/meters/meters.ts'
import { readTask } from './measure.ts'
import { reportByMeters } from './meters.ts'

const { HANDLER, HANDLER_OPTIONS = '{}', BESIDE = '[]', SECTIONS = '{}', COUNTS } = process.env
const task = readTask()
const folder = join(tmpdir(), `bench-service-${process.pid}`)
const file = `${folder}.yaml`
const handler = { path: HANDLER, options: JSON.parse(HANDLER_OPTIONS) }
writeFileSync(
  file,
  JSON.stringify({
    kafka: {
      brokers: [task.brokers],
      topics: [task.topic],
      groupId: task.groupId,
      autoOffsetReset: 'earliest',
    },
    handlers: HANDLER === undefined ? [] : [handler, ...JSON.parse(BESIDE)],
    ...JSON.parse(SECTIONS),
    http: { port: 0 },
    sink: { log: { mode: 'off' } },
    deadLetters: { file: { folder } },
  }),
)
const meters = createMeters()
const app = createApp({
  config: configOrThrow({ file, env: {} }),
  version: 'bench',
  meters,
  log: createLogger({ level: 'error', format: 'text', destination: process.stderr }),
})
await app.start()
if (COUNTS !== 'handler') reportByMeters(meters, task)
await app.done
