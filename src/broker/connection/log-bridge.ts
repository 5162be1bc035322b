import type { LogEntry } from 'kafkajs'
import type { Log } from '../../kernel/log.ts'
import type { KafkajsLogger } from './kafkajs-internals.ts'

const COORDINATOR_TRIED = 'Tried to find group coordinator'

/** Never logged, whatever contains them: kafkajs passes whole error and config objects at debug. */
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
 * Passes kafkajs's log lines on at debug, since most of its errors are rebalances or are retried.
 * Our own code logs what matters to users. `onCoordinatorError` gets what kafkajs reports nowhere
 * else: why a coordinator was not found.
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
 * For a single kafkajs connection, which logs every request and answer. Only its errors are passed
 * on, at debug, because the sender of the request gets them too.
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
