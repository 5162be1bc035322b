import assert from 'node:assert/strict'
import { readinessOf } from '../../../../src/http/health.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { createMetrics } from '../../../../src/observe/metrics/metrics.ts'
import type { ScalingReport, ServiceStatus } from '../../../../src/observe/types.ts'
import { scalingReportOf, serviceStatus } from '../../../support/status.ts'
import { parseExposition } from '../exposition.ts'

export const TOPIC = 'solana.transfers'

/** @param monotonic of the clock */
export function setUp(initial: Partial<ServiceStatus> = {}, monotonic = () => 5_000) {
  const meters = createMeters()
  let current = serviceStatus(initial)
  let scaling: ScalingReport = scalingReportOf()
  const metrics = createMetrics({
    meters,
    status: { status: () => current },
    readiness: readinessOf,
    version: { version: '1.2.3', kafkajs: '2.2.4' },
    scaling: {
      report: () => scaling,
      groups: () => [
        { id: 'app', isOwn: false, report: scaling },
        { id: 'app.slack', isOwn: true, report: scaling },
      ],
    },
    certificates: {
      certificates: () => [
        { name: 'client', subject: 'CN="me"', notAfter: 1_060_000 + 36 * 3_600_000 },
        { name: 'ca', subject: 'CN=ca', notAfter: 1_060_000 - 12 * 3_600_000 },
      ],
    },
    clock: { now: () => 1_060_000, monotonic },
  })
  const scrape = async () => parseExposition(await metrics.render())
  return {
    meters,
    render: () => metrics.render(),
    scrape,
    become: (changes: Partial<ServiceStatus>) => {
      current = serviceStatus(changes)
    },
    groupBecomes: (report: ScalingReport) => {
      scaling = report
    },
    /** The values of a metric by its labels' values, joined with commas. */
    async values(name: string) {
      const samples = (await scrape()).get(name)?.samples ?? assert.fail(`no ${name}`)
      return Object.fromEntries(
        samples.map(({ labels, value }) => [Object.values(labels).join(','), value]),
      )
    },
  }
}
