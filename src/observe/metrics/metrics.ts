import { setImmediate } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { onceInGroup } from '../../kernel/shapes/record.ts'
import { type Clock, systemClock } from '../../kernel/time/clock.ts'
import type {
  BuildInfo,
  CertificateSource,
  Meters,
  Metrics,
  ScalingReportSource,
  ServiceStatus,
  StatusSource,
} from '../types.ts'
import { collectProcessMetrics } from './default.ts'
import { groupLabel, type Reading } from './definition.ts'
import { familyText } from './exposition.ts'
import { metricDefinitions } from './table.ts'

export interface MetricsDependencies {
  readonly meters: Meters
  readonly status: StatusSource
  /** What `/readyz` answers. */
  readiness(status: ServiceStatus): { readonly ready: boolean }
  readonly version: BuildInfo
  readonly scaling?: ScalingReportSource
  readonly certificates?: CertificateSource
  readonly clock?: Clock
}

/** Milliseconds of writing after which the event loop gets its turn. */
const TURN = 10

/** Every metric of the table, and the standard ones of a Node process. */
export function createMetrics({
  meters,
  status,
  readiness,
  version,
  scaling,
  certificates,
  clock = systemClock,
}: MetricsDependencies): Metrics {
  const registry = new Registry()
  const read = (): Reading => {
    const now = status.status()
    const report = scaling?.report() ?? null
    return {
      meters,
      status: now,
      partitions: onceInGroup(now.partitions).map((each) => {
        const { topic, partition } = each
        return [{ topic, partition, ...groupLabel(each) }, each]
      }),
      ready: readiness(now).ready,
      scaling: report,
      groups: scaling?.groups?.() ?? (report === null ? [] : [{ id: '', isOwn: false, report }]),
      certificates: certificates?.certificates() ?? [],
      now: clock.now(),
      monotonic: clock.monotonic(),
      build: version,
    }
  }
  collectProcessMetrics(registry)

  async function write(): Promise<string> {
    // All of one moment, but for the meters, which count on.
    const reading = read()
    const families: string[] = []
    let since = clock.monotonic()
    for (const definition of metricDefinitions) {
      families.push(familyText(definition, reading))
      if (clock.monotonic() - since < TURN) continue
      await setImmediate()
      since = clock.monotonic()
    }
    const ofProcess = await registry.metrics()
    // prom-client writes `Nan`, which the format does not allow. Node's event loop histogram has
    // NaN while it is empty, for example in two scrapes right after each other.
    return `${families.join('')}${ofProcess.replaceAll(/ Nan$/gm, ' NaN')}`
  }

  let writing: Promise<string> | null = null
  return {
    contentType: registry.contentType,
    render() {
      writing ??= write().finally(() => {
        writing = null
      })
      return writing
    },
  }
}
