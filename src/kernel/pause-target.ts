/** A topic, or one partition of it. */
export interface TopicTarget {
  readonly topic: string
  readonly partition?: number
}

/** What an operator can pause: a topic, one partition of it, or a handler by its name. */
export type PauseTarget = TopicTarget | { readonly handler: string }

/** `the topic x`, `partition 0 of x`, `the handler x`. */
export function pauseTargetName(target: PauseTarget): string {
  if ('handler' in target) return `the handler ${target.handler}`
  const { topic, partition } = target
  return partition === undefined ? `the topic ${topic}` : `partition ${partition} of ${topic}`
}
