/** Reasons that need a fix. Others (a leader that moves, a broker that restarts) are temporary. */
const LASTING: ReadonlySet<string> = new Set([
  'not-authorized',
  'unknown-topic',
  'corrupt',
  'storage-error',
])

/** Whether a partition has a problem that does not go away by itself. null: no problem. */
export function isLastingProblem(problem: { readonly reason: string } | null): boolean {
  return problem !== null && LASTING.has(problem.reason)
}
