import type { ServiceStatus } from '../observe/types.ts'

/**
 * Why more pods would not help now, for people to read; null if they might. Records wait for a
 * handler that fails for everything, for a topic that cannot be decoded, or for an operator: more
 * pods would fail or wait as well.
 */
export function scalingHold({
  circuits,
  pauses,
}: Pick<ServiceStatus, 'circuits' | 'pauses'>): string | null {
  const reasons = [
    ...circuits
      .filter(({ state }) => state === 'open')
      .map(({ handler, topic }) =>
        topic === null
          ? `the circuit of ${named('handler', handler)} is open`
          : `nothing of topic ${topic} can be decoded`,
      ),
    ...circuits
      .filter(({ state }) => state === 'held')
      .map(({ handler }) => `an operator has paused ${named('handler', handler)}`),
    // Handlers are among the circuits of those groups that have them.
    ...pauses
      .filter((pause) => 'topic' in pause)
      .map(({ topic, partition }) =>
        partition === undefined
          ? `an operator has paused ${topic}`
          : `an operator has paused partition ${partition} of ${topic}`,
      ),
  ]
  const [first, ...more] = reasons
  if (first === undefined) return null
  return more.length === 0 ? first : `${first}, and ${more.length} more`
}

function named(kind: string, name: string): string {
  return name === '' ? `a ${kind}` : `${kind} ${name}`
}
