import { type Clock, systemClock } from '../../../src/kernel/time/clock.ts'
import { connect } from '../../../src/kubernetes/client/client.ts'
import {
  type Kubernetes,
  type KubernetesOptions,
  type KubernetesSources,
  startKubernetes,
} from '../../../src/kubernetes/index.ts'
import { createCapturedLog, type LogLine } from '../../support/captured-log.ts'
import type { Account, TestNamespace } from './cluster.ts'

export const LEASE = 'consumers'

/** Every feature off. */
export function optionsIn({ name }: TestNamespace, over: Partial<KubernetesOptions> = {}) {
  const options: KubernetesOptions = {
    podName: 'consumer-0',
    podNamespace: name,
    leaseName: LEASE,
    leaseDuration: 3_000,
    partitionSync: null,
    scalingHold: null,
    events: null,
    deletionCost: null,
    ...over,
  }
  return options
}

/** A group that has nothing to say. */
export const quietSources: KubernetesSources = {
  progress: () => null,
  advice: () => [],
  readiness: () => ({ ready: true, reasons: [] }),
  certificates: () => [],
  partitions: () => [],
  hold: () => null,
}

export interface Running extends Kubernetes {
  readonly lines: readonly LogLine[]
  /** Codes of the errors that were counted. */
  readonly errors: readonly string[]
}

export function start(
  options: KubernetesOptions,
  account: Account,
  sources: Partial<KubernetesSources>,
  clock: Clock = realClock(),
): Running {
  const log = createCapturedLog()
  const errors: string[] = []
  const { env, serviceAccount } = account
  const kubernetes = startKubernetes(options, {
    sources: { ...quietSources, ...sources },
    env,
    serviceAccount,
    clock,
    log,
    countError: (code) => errors.push(code),
  })
  return { stop: kubernetes.stop, lines: log.lines, errors }
}

/** The room's own client, as that service account. */
export function clientOf({ name }: TestNamespace, account: Account) {
  return connect(account, name, systemClock)
}

export interface TurnableClock extends Clock {
  forward(milliseconds: number): void
}

/** Goes with the machine's, and can be turned forward. */
export function realClock(): TurnableClock {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    monotonic: () => performance.now() + ahead,
    forward(milliseconds) {
      ahead += milliseconds
    },
  }
}

export const failures = (log: Pick<Running, 'lines'>) =>
  log.lines.filter(({ fields }) => fields.event === 'kubernetes.failed').map(({ text }) => text)
