import type { LagReport } from '../../http/lag.ts'
import type { ScaleAnswer } from '../../http/scale.ts'
import type { Condition, Overview } from '../../observe/overview/types.ts'
import { parseMetrics, sumOf } from './metrics-text.ts'
import { getJson, getText, somethingElse } from './request.ts'

/** What a service says of itself; null: it does not say. */
export interface ServiceView {
  readonly url: string
  readonly ready: boolean
  /** As on the page; null: the service is older than it. */
  readonly sentence: Condition | null
  readonly notes: readonly Condition[]
  /** All that the page shows; null: the service is older than it. */
  readonly overview: Overview | null
  readonly reasons: readonly string[]
  readonly warnings: readonly string[]
  readonly lag: LagReport
  /** null: it does not know its group yet. */
  readonly group: ScaleAnswer | null
  /** Why not. */
  readonly groupUnknown: string | null
  readonly counts: Readonly<Record<keyof typeof COUNTS, number | null>>
}

/** Figures of `/metrics`, since the start or now. */
const COUNTS = {
  handled: 'onchain_consumer_handled_records_total',
  skipped: 'onchain_consumer_skipped_records_total',
  retries: 'onchain_consumer_retries_total',
  deadLetters: 'onchain_consumer_dead_letters_kept_total',
  lettersWaiting: 'onchain_consumer_dead_letters_waiting',
  lost: 'onchain_consumer_records_lost_total',
  inFlight: 'onchain_consumer_in_flight',
  concurrency: 'onchain_consumer_concurrency',
  bufferedBytes: 'onchain_consumer_buffered_bytes',
  bufferLimit: 'onchain_consumer_buffer_limit_bytes',
} as const

interface ReadyAnswer {
  readonly ready?: boolean
  readonly reasons?: readonly string[]
  readonly warnings?: readonly string[]
}

/** Rejects with OCC_ADMIN_UNREACHABLE. */
export async function readService(url: URL): Promise<ServiceView> {
  const [ready, lag, scale, metrics, overview] = await Promise.all([
    getJson(url, '/readyz'),
    getJson(url, '/lag'),
    getJson(url, '/scale'),
    getText(url, '/metrics'),
    getJson(url, '/api/v1/status'),
  ])
  const lagReport = lag.body as LagReport
  if (!Array.isArray(lagReport.advice)) throw somethingElse(url, '/lag', String(lag.status))
  const { ready: isReady = false, reasons = [], warnings = [] } = ready.body as ReadyAnswer
  const samples = parseMetrics(metrics.text)
  const counts = Object.entries(COUNTS).map(([name, metric]) => [name, sumOf(samples, metric)])
  const { sentence = null, notes = [] } = overview.body as Partial<Overview>
  const isKnown = scale.status === 200
  const isOverview = overview.status === 200 && (overview.body as Partial<Overview>).version === 1
  return {
    url: url.origin,
    ready: isReady,
    sentence,
    notes,
    overview: isOverview ? (overview.body as Overview) : null,
    reasons,
    warnings,
    lag: lagReport,
    group: isKnown ? (scale.body as ScaleAnswer) : null,
    groupUnknown: isKnown ? null : String((scale.body as { reason?: string }).reason ?? 'unknown'),
    counts: Object.fromEntries(counts),
  }
}
