import { type AlertConfig, handlersOf } from '../../app/alerts/alert-rules.ts'
import { isRaw } from '../../config/load/layers.ts'
import type { Config } from '../../config/types.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import { noneCalled } from '../../kernel/text/suggest.ts'
import { usageError } from '../arguments.ts'
import { isFailure } from '../handler/results.ts'
import { runRecords } from '../handler/run-records.ts'
import { type ReaderFlags, withReaderConfig } from '../records/kafka-config.ts'
import { commandLog } from '../terminal/command-log.ts'
import type { Io } from '../terminal/io.ts'

export interface RuleConfig {
  readonly config: Config
  readonly alert: AlertConfig
}

const SECTIONS = ['decode', 'filter', 'deduplication', 'sinks', 'alerts', 'lag']

/**
 * The work of a command with the rule of this name, and the sections that matter for it.
 * @param isOffline Kafka is not connected to, so passwords and certificates need not exist.
 */
export function withRule<Result>(
  name: string,
  flags: ReaderFlags,
  isOffline: boolean,
  io: Io,
  work: (rule: RuleConfig) => Promise<Result>,
): Promise<Result> {
  const adjust = (values: Record<string, unknown>) => {
    if (isOffline && isRaw(values['kafka'])) values['kafka'] = { topics: values['kafka']['topics'] }
  }
  const given = { flags, sections: SECTIONS, topic: 'sample', adjust }
  return withReaderConfig(given, io, async ({ config }) => {
    const alert = config.alerts.find((each) => each.name === name)
    if (alert !== undefined) return work({ config, alert })
    const names = config.alerts.map((each) => each.name)
    throw usageError(noneCalled('rule', name, names).replace(/\.$/, ''))
  })
}

/** What the records hold for the rule. */
export interface Passing {
  /** The events that pass its filter, as its handler emits them. */
  readonly values: readonly unknown[]
  /** Records that could not be decoded or handled. */
  readonly failed: number
}

export async function passing(
  { config, alert }: RuleConfig,
  records: readonly KafkaRecord[],
  io: Io,
): Promise<Passing> {
  const handlers = handlersOf({ ...config, handlers: [], alerts: [alert] })
  const log = commandLog(io, 'error')
  const { results } = await runRecords({ ...config, handlers }, records, { sinks: null, log })
  return {
    values: results.flatMap(({ emitted }) => emitted.map(({ item }) => item.given)),
    failed: results.filter(isFailure).length,
  }
}
