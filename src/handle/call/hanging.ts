import type { Call } from './call.ts'

/** Logs that a call continues after its timeout, and counts it until it ends. */
export function reportHanging({ handler, record }: Call): void {
  const { topic, partition, offset } = record
  handler.meter.hanging += 1
  handler.log.error(
    { event: 'handler.hanging', topic, partition, offset, timeout: handler.timeout },
    `The handler ${handler.name} ignores its abort signal. The records it is handling wait; others continue. Remedy: stop when context.signal aborts, or restart the process.`,
  )
}

export function reportHung({ handler, record }: Call): void {
  const { topic, partition, offset } = record
  handler.meter.hanging -= 1
  handler.log.warn(
    { event: 'handler.recovered', topic, partition, offset },
    `The handler ${handler.name} has ended after all.`,
  )
}
