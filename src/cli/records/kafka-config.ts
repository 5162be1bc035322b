import { brokerOptions } from '../../app/room-options.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import { isRaw, setAt, valueAt } from '../../config/load/layers.ts'
import type { LoadOptions } from '../../config/load/load.ts'
import type { Config } from '../../config/types.ts'
import { listOf, usageError } from '../arguments.ts'
import { type Configured, withConfig } from '../config-file.ts'
import type { Io } from '../terminal/io.ts'

/** As in `kafkaFlags`. */
export interface ReaderFlags {
  readonly config?: string | undefined
  readonly brokers?: string | undefined
}

export interface ReaderConfig {
  readonly flags: ReaderFlags
  /** Sections to read in addition to `kafka`; the others need not be valid here. */
  readonly sections: readonly string[]
  /** What is in place of `kafka.topics` if nobody sets it; the group is never used. */
  readonly topic: string
  /** What gave it, for messages: `--topic`. */
  readonly topicBy?: string
  /** Changes the values, and what set each key, before they are checked. */
  readonly adjust?: LoadOptions['adjust']
}

/**
 * The work of a command that joins no group, with its configuration.
 * @throws OccError OCC_CONFIG, OCC_USAGE
 */
export async function withReaderConfig<Result>(
  options: ReaderConfig,
  io: Io,
  work: (configured: Configured) => Promise<Result>,
): Promise<Result> {
  const { flags } = options
  const brokers = flags.brokers === undefined ? undefined : brokersOf(flags.brokers)
  const load: LoadOptions = {
    file: flags.config,
    env: io.env,
    adjust(values, file, sources) {
      options.adjust?.(values, file, sources)
      for (const name of Object.keys(values)) {
        if (name !== 'kafka' && !options.sections.includes(name)) delete values[name]
      }
      if (!isRaw(values['kafka'])) values['kafka'] = {}
      if (brokers !== undefined) {
        setAt(values, ['kafka', 'brokers'], brokers)
        sources.set('kafka.brokers', '--brokers')
      }
      for (const [key, value] of Object.entries({ topics: [options.topic], groupId: 'none' })) {
        if (valueAt(values, ['kafka', key]) !== undefined) continue
        setAt(values, ['kafka', key], value)
        if (key === 'topics' && options.topicBy !== undefined) {
          sources.set('kafka.topics', options.topicBy)
        }
      }
    },
  }
  return withConfig(load, work)
}

/** How to reach the brokers of the command. @param topic What gave the topic: `--topic`. */
export function readerBrokers(
  config: Config,
  { brokers }: ReaderFlags,
  topic: string,
): BrokerOptions {
  const givenBy = {
    'kafka.topics': topic,
    ...(brokers !== undefined && { 'kafka.brokers': '--brokers' }),
  }
  return { ...brokerOptions(config), givenBy }
}

function brokersOf(text: string): string[] {
  const brokers = listOf(text)
  const wrong = brokers.find((broker) => !/^\S+:\d+$/.test(broker))
  if (wrong === undefined) return brokers
  throw usageError(`--brokers holds "${wrong}"; give host:port, such as localhost:9092`)
}
