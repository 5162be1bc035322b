/** What somebody has to mend. Others (a leader that moves, a broker that restarts) pass. */
const LASTING: ReadonlySet<string> = new Set([
  'not-authorized',
  'unknown-topic',
  'corrupt',
  'storage-error',
])

/** Whether a partition has a problem that does not go by itself. null: it has none. */
export function isLastingProblem(problem: { readonly reason: string } | null): boolean {
  return problem !== null && LASTING.has(problem.reason)
}
