import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { AdminControl } from '../../../src/http/admin.ts'
import type { LettersApi } from '../../../src/http/api/letter-types.ts'
import type { Pods } from '../../../src/http/api/pods.ts'
import type { TapSource } from '../../../src/http/api/tap.ts'
import type { OffsetsApi } from '../../../src/http/api/types.ts'
import { readinessOf } from '../../../src/http/health.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import { type Log, silentLog } from '../../../src/kernel/log.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createMetrics } from '../../../src/observe/metrics/metrics.ts'
import type {
  Metrics,
  ScalingReport,
  ScalingReportSource,
  ServiceStatus,
} from '../../../src/observe/types.ts'
import { noPods, overview } from '../../support/overview.ts'
import { scalingReportOf, serviceStatus } from '../../support/status.ts'

/** No request gets so far. */
export const noOffsets: OffsetsApi = {
  groups: [],
  withControl: () => Promise.reject(new Error('there are no offsets')),
  target: () => 'there are no offsets',
  move: async () => [],
}

/** No request gets so far. */
export const noLetters: LettersApi = {
  kinds: () => Promise.reject(new Error('there are no letters')),
  plan: () => Promise.reject(new Error('there are no letters')),
  begin: () => Promise.reject(new Error('there are no letters')),
  work: () => null,
  cancel: () => false,
}

interface Options {
  readonly metrics?: Metrics
  readonly scaling?: ScalingReportSource
  readonly log?: Log
  readonly port?: number
  readonly admin?: AdminControl
  readonly offsets?: OffsetsApi
  readonly pods?: Pods
  readonly tap?: TapSource
  readonly page?: boolean
  readonly pageActions?: boolean
  readonly runbook?: string
  readonly rate?: { readonly perSecond: number; readonly burst: number }
  readonly silence?: number
}

/** A server on a free port, not listening yet, and the state that it shows. */
export function build(options: Options = {}) {
  const scaling = scalingReportOf() as ScalingReport
  const state = { status: serviceStatus(), scaling, monotonic: 0, overview: overview() }
  const status = { status: () => state.status }
  const clock = { now: () => 1_060_000, monotonic: () => state.monotonic }
  const version = { version: '1.2.3', kafkajs: '2.2.4' }
  const metrics = createMetrics({
    ...{ meters: createMeters(), status, readiness: readinessOf, version, clock },
  })
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    status,
    metrics,
    scaling: { report: () => state.scaling },
    overview: { overview: () => state.overview },
    page: false,
    pageActions: false,
    livenessMaxAge: 30_000,
    clock,
    log: silentLog,
    admin: {
      readTokens: () => [],
      knows: () => ({ pauses: [], topics: [], handlers: [], partitionsOf: () => null }),
      pause: () => Promise.reject(new Error('nothing is paused')),
      resume: () => Promise.reject(new Error('nothing is resumed')),
    },
    offsets: noOffsets,
    letters: noLetters,
    pods: noPods,
    tap: null,
    ...options,
  })
  return { state, server }
}

/** The same, listening until the test ends. */
export async function serve(context: TestContext, options: Options = {}) {
  const { state, server } = build(options)
  const { port } = await server.listen()
  context.after(() => server.close())
  const url = `http://127.0.0.1:${port}`
  return {
    state,
    port,
    server,
    request: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init),
    async json(path: string): Promise<{ code: number; body: Record<string, unknown> }> {
      const response = await fetch(`${url}${path}`)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      return { code: response.status, body: (await response.json()) as Record<string, unknown> }
    },
  }
}

export const become = (state: { status: ServiceStatus }, changes: Partial<ServiceStatus>) => {
  state.status = serviceStatus(changes)
}
