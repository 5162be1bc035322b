import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import {
  choice,
  flag,
  integer,
  kubernetesObjects,
  listOf,
  matching,
  number,
  only,
  optionalName,
  prometheusDuration,
  texts,
} from './json-schema.ts'

const alertFolder = join(import.meta.dirname, '../../helm/onchain-consumer/alerts')

/**
 * Names of the alerts in helm/onchain-consumer/alerts, so that only existing ones can be disabled.
 */
export const alertNames: readonly string[] = readdirSync(alertFolder)
  .flatMap((file) => parse(readFileSync(join(alertFolder, file), 'utf8')) as { alert: string }[])
  .map(({ alert }) => alert)
  .sort()

const monitor = only({
  enabled: flag,
  interval: prometheusDuration,
  scrapeTimeout: prometheusDuration,
  labels: texts,
  relabelings: kubernetesObjects,
  metricRelabelings: kubernetesObjects,
})

const rules = only({
  enabled: flag,
  labels: texts,
  alertLabels: texts,
  disabled: listOf(choice(...alertNames)),
  runbook: matching('^[^\\s#]+$'),
  thresholds: only({
    headroomWarningMinutes: number(0),
    headroomCriticalMinutes: number(0),
    lagSeconds: number(0),
    stuckMinutes: integer(1),
    notReadyMinutes: integer(1),
    restarts: integer(1),
    rebalances: integer(1),
    notFetchedMinutes: integer(1),
    transactionMinutes: number(0),
    throttledPercent: number(0),
    certificateDays: number(0),
    inFlightSeconds: number(0),
    circuitMinutes: integer(1),
    pausedMinutes: integer(1),
    workerDeaths: integer(1),
  }),
})

/** Schema of `monitoring`. */
export const monitoringSchema = only({
  serviceMonitor: monitor,
  podMonitor: monitor,
  rules,
  dashboard: only({ enabled: flag, namespace: optionalName, labels: texts, annotations: texts }),
})
