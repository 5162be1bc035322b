import { type Flags, numberOf, timeOf } from '../arguments.ts'
import { awaitSchemas } from '../records/await-schemas.ts'
import { readerBrokers, withReaderConfig } from '../records/kafka-config.ts'
import { readTopicRecords } from '../records/topic-records.ts'
import type { Io } from '../terminal/io.ts'
import { describeRecord } from './describe.ts'
import type { peekFlags } from './flags.ts'
import { createInspector, inspectionToLine } from './inspect.ts'

const MAX_COUNT = 1_000
const DEFAULT_COUNT = '5'

/** Prints records of the topic; exit code 0 even if they cannot be decoded: that is the answer. */
export async function peek(topic: string, flags: Flags<typeof peekFlags>, io: Io): Promise<number> {
  const count = numberOf('--count', flags.count ?? DEFAULT_COUNT, {
    min: 1,
    max: MAX_COUNT,
    integer: true,
  })
  const partition =
    flags.partition === undefined
      ? undefined
      : numberOf('--partition', flags.partition, { min: 0, integer: true })
  const since = flags.since === undefined ? undefined : timeOf('--since', flags.since, Date.now())
  const reader = { flags, sections: ['decode'], topic, topicBy: 'the argument TOPIC' }
  return withReaderConfig(reader, io, async ({ config }) => {
    const options = readerBrokers(config, flags, 'the argument TOPIC')
    const { records } = await readTopicRecords(options, topic, { count, since, partition })
    const inspect = createInspector(config.decode)
    await awaitSchemas(records, inspect)
    for (const record of records) {
      const inspection = inspect(record)
      io.stdout.write(
        flags.json === undefined
          ? `${describeRecord(inspection, io)}\n\n`
          : `${inspectionToLine(inspection)}\n`,
      )
    }
    if (records.length === 0) {
      const where = partition === undefined ? topic : `${topic}/${partition}`
      io.stderr.write(
        `${where} has no record${since === undefined ? '' : ` since ${flags.since}`}.\n`,
      )
    }
    return 0
  })
}
