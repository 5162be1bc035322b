import { type AlertConfig, handlersOf } from '../../app/alerts/alert-rules.ts'
import { isRaw } from '../../config/load/layers.ts'
import type { Config } from '../../config/types.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { noneCalled } from '../../kernel/text/suggest.ts'
import { usageError } from '../arguments.ts'
import { isFailure } from '../handler/results.ts'
import { openRunner } from '../handler/run-records.ts'
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
  /** There may be more events: no more are kept. */
  readonly isFull: boolean
}

/** Events that are kept; of one record there may be thousands. */
const MAX_VALUES = 200_000
/** Records whose events are looked at together. */
const SLICE = 500

export async function passing(
  { config, alert }: RuleConfig,
  records: readonly KafkaRecord[],
  io: Io,
  most = MAX_VALUES,
): Promise<Passing> {
  const handlers = handlersOf({ ...config, handlers: [], alerts: [alert] })
  const log = commandLog(io, 'error')
  const runner = await openRunner({ ...config, handlers }, { sinks: null, log })
  const values: unknown[] = []
  let failed = 0
  try {
    for (let from = 0; from < records.length; from += SLICE) {
      const results = await runner.handle(records.slice(from, from + SLICE))
      failed += results.filter(isFailure).length
      for (const { emitted } of results) for (const { item } of emitted) values.push(item.given)
      if (values.length > most) return { values: values.slice(0, most), failed, isFull: true }
    }
    return { values, failed, isFull: false }
  } finally {
    await runner.close()
  }
}
