/** A topic, or one partition of it. */
export interface TopicTarget {
  readonly topic: string
  readonly partition?: number
}

/** What an operator can pause: a topic, one partition of it, or a handler by its name. */
export type PauseTarget = TopicTarget | { readonly handler: string }

/** A pause by an operator that is in force, for all members of the group. */
export type Pause = PauseTarget & PauseFacts

/** Times in milliseconds since the epoch. */
export interface PauseFacts {
  /** Name of the token. */
  readonly by: string
  readonly since: number
  /** When everybody consumes again; null: once somebody resumes it. */
  readonly until: number | null
  readonly reason: string | null
}

/** `the topic x`, `partition 0 of x`, `the handler x`. */
export function pauseTargetName(target: PauseTarget): string {
  if ('handler' in target) return `the handler ${target.handler}`
  const { topic, partition } = target
  return partition === undefined ? `the topic ${topic}` : `partition ${partition} of ${topic}`
}
