import type { Message } from '../decode/types.ts'
import { type Log, Verbatim } from '../kernel/log.ts'

/** Writes `{topic, partition, offset, key, value}` of messages to the log. */
export interface LogSink {
  write(message: Message): void
}

/** @param every 1: each record; n: every n-th record of the process. */
export function createLogSink(every: number, log: Log): LogSink {
  let count = 0
  return {
    write(message) {
      count += 1
      if (count % every !== 0) return
      const { topic, partition, offset, key } = message.record
      const value = Buffer.isBuffer(message.document)
        ? message.document.toString('base64')
        : message.document
      log.info(
        {
          event: 'record.logged',
          topic,
          partition,
          offset,
          key: new Verbatim(key === null ? null : keyText(key)),
          value: new Verbatim(value),
        },
        'record',
      )
    },
  }
}

/** Keys are text on all known streams; other bytes are shown in base64. */
function keyText(key: Buffer): string {
  const text = key.toString('utf8')
  return text.includes('\uFFFD') ? key.toString('base64') : text
}
