import type { Api } from './api.ts'

/** What `/lag` of one pod says. */
export interface LagReport {
  readonly totals: { readonly lag: number | null; readonly partitions: number }
  readonly partitions: ReadonlyArray<{ readonly topic: string; readonly partition: number }>
}

export interface PodHttp {
  get(pod: string, path: string): Promise<{ readonly status: number; readonly body: string }>
  lag(pod: string): Promise<LagReport>
  /** The sum over a metric's series, or over those whose labels contain this: `kind="assigned"`. */
  metric(pod: string, name: string, label?: string): Promise<number>
}

/** The pods' own HTTP port, by the proxy of the API server: nothing needs to be forwarded. */
export function createPodHttp(api: Api, namespace: string): PodHttp {
  const get = (pod: string, path: string) =>
    api.get(`/api/v1/namespaces/${namespace}/pods/${pod}:8080/proxy${path}`)
  return {
    get,
    async lag(pod) {
      const { status, body } = await get(pod, '/lag')
      if (status !== 200) throw new Error(`/lag of ${pod} was answered with ${status}: ${body}`)
      return JSON.parse(body)
    },
    async metric(pod, name, label = '') {
      const { status, body } = await get(pod, '/metrics')
      if (status !== 200) throw new Error(`/metrics of ${pod} was answered with ${status}`)
      return sumOf(body, name, label)
    },
  }
}

/** @throws Error when there is no such series: a misspelled metric must not read as 0 */
export function sumOf(exposition: string, name: string, label = ''): number {
  const series = exposition
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .filter((line) => line.includes(label))
  if (series.length === 0)
    throw new Error(`there is no metric ${name} with ${label || 'any label'}`)
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
