import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sleep } from '../../src/kernel/lifecycle.ts'

export interface ServiceOptions {
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
  /** Where it writes what it handled, what failed, and its log. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
}

/** One process of the service. */
export interface Service {
  readonly process: ChildProcess
  readonly url: string
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>
  get(path: string): Promise<{ status: number; body: string }>
  /** Resolves when /readyz says so. */
  ready(): Promise<void>
}

let started = 0

/** Starts a process and resolves when it serves HTTP; it may not be a member of the group yet. */
export async function startService(options: ServiceOptions): Promise<Service> {
  started += 1
  const log = openSync(join(options.folder, `log-${started}.ndjson`), 'a')
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=8',
      '--heap-growing-percent=100',
      join(import.meta.dirname, 'service-process.ts'),
    ],
    {
      stdio: ['ignore', 'pipe', log],
      env: {
        ...process.env,
        KAFKA_BOOTSTRAP_SERVERS: options.brokers,
        KAFKA_TOPICS: options.topic,
        KAFKA_GROUP_ID: options.groupId,
        HTTP_PORT: '0',
        OCC_SINK_LOG_MODE: 'off',
        OCC_DEAD_LETTERS_FILE_FOLDER: join(options.folder, 'dead-letters'),
        HANDLED_FILE: join(options.folder, `handled-${started}.csv`),
        ...options.env,
      },
    },
  )
  closeSync(log)
  assert.ok(child.stdout)
  const gone = once(child, 'exit')
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const url = `http://127.0.0.1:${JSON.parse(line).port}`

  async function get(path: string) {
    const response = await fetch(url + path)
    return { status: response.status, body: await response.text() }
  }

  return {
    process: child,
    url,
    async kill() {
      child.kill('SIGKILL')
      await gone
    },
    async terminate() {
      child.kill('SIGTERM')
      const [code] = await gone
      return code
    },
    get,
    async ready() {
      await until('the service to be ready', async () => (await get('/readyz')).status === 200)
    },
  }
}

/** Polls until the condition holds; fails with what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutSeconds = 120,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutSeconds} s in vain for ${what}.`)
    await sleep(100)
  }
}

/** The sum over a metric's series, or over those with this label: `kind="assigned"`. */
export function metric(exposition: string, name: string, label = ''): number {
  let sum = 0
  for (const line of exposition.split('\n')) {
    const named = line.startsWith(`${name} `) || line.startsWith(`${name}{`)
    if (named && line.includes(label)) {
      sum += Number(line.slice(line.lastIndexOf(' ') + 1))
    }
  }
  return sum
}
