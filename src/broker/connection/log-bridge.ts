import type { LogEntry } from 'kafkajs'
import type { Log } from '../../kernel/log.ts'
import type { KafkajsLogger } from './kafkajs-internals.ts'

const COORDINATOR_TRIED = 'Tried to find group coordinator'

/** Kept out of logs whatever carries them: kafkajs passes whole error and config objects at debug. */
const DROPPED = new Set([
  'timestamp',
  'logger',
  'message',
  'stack',
  'sasl',
  'ssl',
  'config',
  'payload',
])

/**
 * kafkajs's log lines as ours, all at debug: most of its errors are a rebalance or are retried.
 * What matters to a user is logged by our own code, once and in a user's words.
 * `onCoordinatorError` gets what is written nowhere else: why a coordinator was not found.
 */
export function createLogCreator(log: Log, onCoordinatorError?: (error: Error) => void) {
  return () =>
    ({ namespace, label, log: entry }: LogEntry) => {
      const fields: { event: 'kafkajs.logged'; [field: string]: unknown } = {
        event: 'kafkajs.logged',
        namespace: namespace || undefined,
        kafkajsLevel: label,
      }
      for (const [name, value] of Object.entries(entry)) {
        if (DROPPED.has(name)) continue
        fields[name] = value instanceof Error ? value.message : value
      }
      if (entry.message === COORDINATOR_TRIED && entry['error'] instanceof Error) {
        onCoordinatorError?.(entry['error'])
      }
      log.debug(fields, entry.message)
    }
}

/**
 * For a connection of kafkajs on its own. It logs every request and answer at debug; only what went
 * wrong is of use, and even that is debug here: whoever sent the request is told, too.
 */
export function createConnectionLogger(log: Log): KafkajsLogger {
  const failed = (message: string, { error, correlationId }: Record<string, unknown> = {}) => {
    log.debug({ event: 'kafkajs.logged', error, correlationId }, message)
  }
  const logger: KafkajsLogger = {
    namespace: () => logger,
    debug() {},
    info() {},
    warn: failed,
    error: failed,
  }
  return logger
}
