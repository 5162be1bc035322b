import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { UndoStack } from '../../src/kernel/lifecycle.ts'

/** Seconds between two scrapes. */
export const SCRAPE_INTERVAL = 2

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since the epoch, value: one of an instant query, several of a range. */
  readonly points: ReadonlyArray<readonly [at: number, value: number]>
}

export interface Range {
  /** Seconds since the epoch. */
  readonly start: number
  readonly end: number
  /** Seconds. */
  readonly step: number
}

/** A real Prometheus. Its queries reject with what it says of them. */
export interface Prometheus {
  instant(query: string, at: number): Promise<readonly Series[]>
  range(query: string, range: Range): Promise<readonly Series[]>
  labelValues(selector: string, label: string): Promise<readonly string[]>
}

export interface Target {
  readonly url: string
  readonly labels: Readonly<Record<string, string>>
}

/** Scrapes the targets until `undo`. @param program path of the binary @param folder for its data */
export async function startPrometheus(
  program: string,
  targets: readonly Target[],
  folder: string,
  undo: UndoStack,
): Promise<Prometheus> {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'prometheus.yaml')
  const scraped = targets.map(({ url, labels }) => ({ targets: [new URL(url).host], labels }))
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: `${SCRAPE_INTERVAL}s` },
      scrape_configs: [{ job_name: 'onchain-consumer', static_configs: scraped }],
    }),
  )
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder },
  )
  const ended = once(child, 'close')
  undo.push('prometheus', async () => {
    child.kill()
    await ended
  })
  const address = await new Promise<string>((resolve, reject) => {
    const lines: string[] = []
    createInterface(child.stderr).on('line', (line) => {
      lines.push(line)
      const [, found] = /Listening on.* address=(\S+)/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
    ended.then(() => reject(new Error(`Prometheus has ended: ${lines.slice(-3).join('\n')}`)))
  })

  async function get(path: string, parameters: Readonly<Record<string, string>>) {
    const response = await fetch(`http://${address}${path}?${new URLSearchParams(parameters)}`)
    const { data, error } = (await response.json()) as { data?: unknown; error?: string }
    if (!response.ok) throw new Error(error ?? `Prometheus answers ${response.status}`)
    return data
  }

  interface Found {
    readonly result: ReadonlyArray<{
      readonly metric: Record<string, string>
      readonly value?: readonly [number, string]
      readonly values?: ReadonlyArray<readonly [number, string]>
    }>
  }
  const seriesOf = ({ result }: Found) =>
    result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      labels: metric,
      points: values.map(([at, number]) => [at, Number(number)] as const),
    }))

  return {
    instant: async (query, at) =>
      seriesOf((await get('/api/v1/query', { query, time: String(at) })) as Found),
    range: async (query, { start, end, step }) =>
      seriesOf(
        (await get('/api/v1/query_range', {
          query,
          ...{ start: String(start), end: String(end), step: String(step) },
        })) as Found,
      ),
    labelValues: async (selector, label) =>
      (await get(`/api/v1/label/${label}/values`, { 'match[]': selector })) as string[],
  }
}
