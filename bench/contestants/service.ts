// This service as it is installed, log sink off, metrics and commits on; the handler only counts.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { OK } from '../../src/kernel/outcome.ts'
import { createLogger } from '../../src/observe/logger.ts'
import { createMeasure, readTask } from './measure.ts'

const task = readTask()
const handled = createMeasure(task)
const loaded = loadConfig({
  env: {
    KAFKA_BOOTSTRAP_SERVERS: task.brokers,
    KAFKA_TOPICS: task.topic,
    KAFKA_GROUP_ID: task.groupId,
    KAFKA_AUTO_OFFSET_RESET: 'earliest',
    HTTP_PORT: '0',
    OCC_SINK_LOG_MODE: 'off',
    OCC_DEAD_LETTERS_FILE_FOLDER: join(tmpdir(), `bench-dead-letters-${process.pid}`),
  },
})
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
const app = createApp({
  config: loaded.config,
  version: 'bench',
  log: createLogger({ level: 'error', format: 'text', destination: process.stderr }),
  handler: ({ record }) => {
    handled(record.timestamp)
    return OK
  },
})
await app.start()
await app.done
