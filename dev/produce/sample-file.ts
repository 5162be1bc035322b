import { open } from 'node:fs/promises'
import { usageError } from '../../src/cli/arguments.ts'
import { createInspector, inspectionToLine } from '../../src/cli/peek/inspect.ts'
import { messageOf } from '../../src/kernel/errors.ts'
import { headersFrom } from '../../src/kernel/shapes/record.ts'
import type { RecordProducer } from '../synthetic/types.ts'

/** Writes messages as `peek --json` would print them, instead of sending them. */
export async function createSampleFile(path: string): Promise<RecordProducer> {
  const file = await open(path, 'wx').catch((error) => {
    throw usageError(`--file ${path} cannot be created (${messageOf(error)}); name a new file`)
  })
  const inspect = createInspector({ topics: [], maxMessageBytes: 32 * 1024 * 1024 })
  const ends = new Map<number, number>()
  return {
    async ensureTopic() {},
    async send(topic, messages) {
      const lines = messages.map(({ key, value, headers, partition = 0, timestamp = 0 }) => {
        const offset = ends.get(partition) ?? 0
        ends.set(partition, offset + 1)
        const place = { topic, partition, offset, timestamp }
        const all = headersFrom(Object.entries(headers))
        return `${inspectionToLine(inspect({ ...place, key, value, headers: all }))}\n`
      })
      await file.appendFile(lines.join(''))
    },
    close: () => file.close(),
  }
}
