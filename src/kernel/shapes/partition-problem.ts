/** Reasons that need a fix. Others (a leader that moves, a broker that restarts) are temporary. */
const LASTING: ReadonlySet<string> = new Set([
  'not-authorized',
  'unknown-topic',
  'corrupt',
  'storage-error',
])

/** What of a partition tells whether it can be consumed. */
interface Consumed {
  readonly problem: { readonly reason: string } | null
  readonly pausedBy: string | null
}

/**
 * Why none of a member's partitions can be consumed: all of them have a lasting problem, or hold
 * nothing decodable. null: at least one can be, or the member has none.
 */
export function stuckBy(own: readonly Consumed[]): 'problem' | 'decode' | null {
  if (own.length === 0) return null
  if (own.every(({ problem }) => isLastingProblem(problem))) return 'problem'
  return own.every(({ pausedBy }) => pausedBy === 'decode') ? 'decode' : null
}

/** Whether a partition has a problem that does not go away by itself. null: no problem. */
export function isLastingProblem(problem: { readonly reason: string } | null): boolean {
  return problem !== null && LASTING.has(problem.reason)
}
