import type { Clock } from '../../kernel/time/clock.ts'

/** The answer of `/readyz`. */
export interface Readiness {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

export interface ReadinessNews {
  /** Why the pod is not ready, once this has lasted; else null. */
  readonly lasting: string | null
  /** Milliseconds of the unready period, at the first look after it; else null. */
  readonly over: number | null
}

/** Milliseconds of normal unreadiness: a start or a rebalance takes a while. */
export const PATIENCE = 30_000

/** @returns A look; call it every few seconds. */
export function createReadinessWatch(
  readiness: () => Readiness,
  clock: Clock,
): () => ReadinessNews {
  let since: number | null = null
  return () => {
    const { ready, reasons } = readiness()
    const now = clock.monotonic()
    const before = since
    since = ready ? null : (before ?? now)
    const lasted = before === null ? 0 : now - before
    if (lasted < PATIENCE) return { lasting: null, over: null }
    return ready ? { lasting: null, over: lasted } : { lasting: reasons.join('; '), over: null }
  }
}
