import { withDeadline } from '../../kernel/lifecycle.ts'
import type { OtherPods, PodReport } from '../../observe/overview/types.ts'
import { boundedText, failureOf, peerAddresses } from './reaching-peers.ts'
import { type ToldStatus, toldStatus } from './told-status.ts'

export interface PodsParts {
  /** Names that resolve to the pods of this release, with or without a port; from no request. */
  readonly peers: readonly string[]
  /** Where a peer listens, if its name has no port. */
  port(): number
  /** Consumer group of the service: a pod of another one is none of this release. */
  readonly group: string
  /** Whether that is this process, which is among its peers. */
  isSelf(status: ToldStatus): boolean
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds that a pod may take, and for which its answer is as good as new. */
  readonly timeout?: number
  readonly fresh?: number
}

/** Asks the other pods of the release what they have, when somebody wants to see it. */
export interface Pods extends OtherPods {
  /**
   * Asks them, unless they were asked just now; once for all who look. Resolves when they have answered
   * or their time is over; never rejects.
   */
  look(): Promise<void>
}

const TIMEOUT = 1_500
const FRESH = 3_000
/** Pods that are asked, at most. */
const MAX_PODS = 200
/** Milliseconds for which a pod is remembered that has no address any more. */
const REMEMBERED = 300_000

/** What a pod answers is open, as `/lag` is: it is asked without a token, which so cannot be lost. */
export function createPods(parts: PodsParts): Pods {
  const { peers, group, isSelf, now, timeout = TIMEOUT, fresh = FRESH } = parts
  let reports: readonly PodReport[] = []
  let known: readonly string[] = []
  let running: Promise<void> | null = null
  let lookedAt = Number.NEGATIVE_INFINITY

  /** Those that were known last, while the names cannot be resolved. */
  async function addresses(): Promise<readonly string[]> {
    let isSure = true
    const found = peerAddresses(peers, parts.port(), () => {
      isSure = false
    })
    const all = await withDeadline(found, timeout, 'Resolving the names').catch(() => null)
    if (all !== null && (isSure || all.length > 0)) known = all.slice(0, MAX_PODS)
    return known
  }

  /** null: it is this process. */
  async function ask(address: string, before: PodReport | undefined): Promise<PodReport | null> {
    try {
      const response = await fetch(`http://${address}/api/v1/status?own=true`, {
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      })
      if (!response.ok) throw new Error(`answers ${response.status}`)
      const status = toldStatus(await boundedText(response))
      if (isSelf(status)) return null
      if (status.group !== group) throw new Error('is a pod of another group: see http.peers')
      const { pod, partitions } = status
      return { address, told: { at: now(), pod, partitions }, problem: null }
    } catch (error) {
      return { address, told: before?.told ?? null, problem: failureOf(error) }
    }
  }

  /** What is told of pods that have no address any more. */
  function gone(asked: readonly string[]): PodReport[] {
    return reports
      .filter(({ address, told }) => told !== null && !asked.includes(address))
      .filter(({ told }) => now() - (told?.at ?? 0) < REMEMBERED)
      .map((each) => ({ ...each, problem: 'has no address any more' }))
  }

  async function round(): Promise<void> {
    const asked = await addresses()
    const answers = await Promise.all(
      asked.map((one) =>
        ask(
          one,
          reports.find(({ address }) => address === one),
        ),
      ),
    )
    reports = [...answers.filter((each) => each !== null), ...gone(asked)]
  }

  return {
    reports: () => reports,
    look() {
      if (peers.length === 0) return Promise.resolve()
      if (running === null && performance.now() - lookedAt < fresh) return Promise.resolve()
      running ??= round().finally(() => {
        lookedAt = performance.now()
        running = null
      })
      return running
    },
  }
}
