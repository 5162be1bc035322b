import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { UndoStack } from '../../../src/kernel/lifecycle.ts'
import type { EmbeddedKafka } from '../../kafka/types.ts'
import { type Pod, post, startPod } from '../pod.ts'

const TOKEN = 'a-token-for-the-conditions'
/** Where the pods say that docs/operations.md is. */
export const RUNBOOK = 'https://docs.example.com/operations'

/** A pod whose page is open in a browser, and whose configuration and handler can be changed. */
export interface ShownPod extends Pod {
  readonly page: Page
  readonly folder: string
  /** Replaces the configuration: what the pod was started with, and these keys. */
  configure(changes: object | string): void
  /** Whether its handler fails with every record. */
  fails(isSo: boolean): void
  /** A request to its API. */
  post(path: string, body: object): Promise<void>
}

export interface PodOptions {
  readonly topics: readonly string[]
  readonly config?: object
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds until its handler is open. */
  readonly opensFor?: number
}

/** In the group `conditions-` and its first topic. */
export async function showPod(
  name: string,
  options: PodOptions,
  on: { kafka: EmbeddedKafka; folder: string; browser: Browser; undo: UndoStack },
): Promise<ShownPod> {
  const { kafka, browser, undo } = on
  const { topics, config = {}, env = {}, opensFor = 0 } = options
  const folder = join(on.folder, name)
  const [mood, token, file] = ['mood', 'token', 'config.yaml'].map((each) => join(folder, each))
  if (mood === undefined || token === undefined || file === undefined) throw new Error('no files')
  mkdirSync(folder)
  writeFileSync(mood, '')
  writeFileSync(token, `${TOKEN}\n`)
  const whole = {
    handlers: [
      { path: join(import.meta.dirname, 'handler.ts'), options: { mood, opensFor }, timeout: '1s' },
    ],
    sinks: { rows: { type: 'file', path: join(folder, 'rows.ndjson') } },
    deadLetters: { file: { folder: join(folder, 'dead-letters') } },
    admin: { tokenFile: token },
    http: { runbook: RUNBOOK },
    circuit: { failures: 3, firstFailures: 3, probeAfter: '200ms', maxProbeAfter: '500ms' },
    ...config,
  }
  const configure = (changes: object | string) =>
    writeFileSync(
      file,
      typeof changes === 'string' ? changes : JSON.stringify({ ...whole, ...changes }),
    )
  configure({})
  const pod = await startPod(
    name,
    file,
    {
      KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrap.join(),
      KAFKA_TOPICS: topics.join(),
      KAFKA_GROUP_ID: `conditions-${topics[0]}`,
      KAFKA_HEARTBEAT_INTERVAL_MS: '200',
      OCC_COMMIT_INTERVAL: '100ms',
      OCC_LAG_INTERVAL: '200ms',
      ...env,
    },
    undo,
  )
  const page = await browser.newPage({ viewport: { width: 1240, height: 860 } })
  return {
    ...{ ...pod, page, folder, configure },
    fails: (isSo) => writeFileSync(mood, isSo ? 'fails' : ''),
    post: (path, body) => post(`${pod.url}${path}`, TOKEN, body),
  }
}
