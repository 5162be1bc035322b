import type { Config } from '../../config/types.ts'
import { OccError } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { type Flags, listOf, numberOf, timeOf } from '../arguments.ts'
import { readerBrokers } from '../records/kafka-config.ts'
import { readSamples } from '../records/sample-files.ts'
import { readTopicRecords } from '../records/topic-records.ts'
import type { Io } from '../terminal/io.ts'
import { formatCount } from '../terminal/terminal.ts'
import type { testFlags } from './flags.ts'

const MAX_COUNT = 10_000
const DEFAULT_COUNT = '1000'

/** How many records, from which time on. Throws OCC_USAGE. */
export function rangeOf({ count: text = DEFAULT_COUNT, since }: Flags<typeof testFlags>) {
  const count = numberOf('--count', text, { min: 1, max: MAX_COUNT, integer: true })
  return { count, since: since === undefined ? undefined : timeOf('--since', since, Date.now()) }
}

/** The records of the samples, or of the topic. Says on standard error if there are more. */
export async function recordsToHandle(
  config: Config,
  { count, since }: ReturnType<typeof rangeOf>,
  flags: Flags<typeof testFlags>,
  io: Io,
): Promise<readonly KafkaRecord[]> {
  const topic = flags.topic ?? config.kafka.topics[0] ?? 'sample'
  // One more, to know whether there is more. The last records of a topic always have others before them.
  const isLast = flags.sample === undefined && since === undefined
  const asked = isLast ? count : count + 1
  const { records, isFull } =
    flags.sample === undefined
      ? await readTopicRecords(readerBrokers(config, flags, '--topic'), topic, {
          count: asked,
          since,
          partition: undefined,
        })
      : {
          records: await readSamples(listOf(flags.sample), { topic, count: asked }),
          isFull: false,
        }
  if (records.length === 0) {
    const when = flags.since === undefined ? '' : ` since ${flags.since}`
    throw new OccError(
      'OCC_SAMPLE',
      `${topic} has no record${when}. Remedy: give an earlier --since, or another --topic`,
    )
  }
  const handled = records.slice(0, count)
  if (records.length > count || isFull) {
    const why = isFull ? 'more would not fit into memory' : '--count'
    io.stderr.write(
      `There are more records: only ${isLast ? 'the last' : 'the first'} ${formatCount(handled.length)} are handled (${why}).\n`,
    )
  }
  return handled
}
