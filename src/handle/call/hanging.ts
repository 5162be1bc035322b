import type { CallContext } from './context.ts'

/** Says that a call goes on although its time is over, and counts it until it ends. */
export function reportHanging({ handler, record }: CallContext): void {
  const { topic, partition, offset } = record
  handler.meter.hanging += 1
  handler.log.error(
    { event: 'handler.hanging', topic, partition, offset, timeout: handler.timeout },
    `The handler ${handler.name} ignores its abort signal. What it has in hand stays in its hand and waits; the others go on. Remedy: heed context.signal, or restart the process.`,
  )
}

export function reportHung({ handler, record }: CallContext): void {
  const { topic, partition, offset } = record
  handler.meter.hanging -= 1
  handler.log.warn(
    { event: 'handler.recovered', topic, partition, offset },
    `The handler ${handler.name} has ended after all.`,
  )
}
