/** What one contestant reports, as one line of JSON on standard output. */
export interface Report {
  readonly records: number
  /** From the first record handled to the last. */
  readonly seconds: number
  /** Of this process in that time, user and system. */
  readonly cpuSeconds: number
  /** Of the thread that had most to do; only where threads were looked at. */
  readonly busiestSeconds?: number
  /** Of the main thread; the same. */
  readonly mainSeconds?: number
  /** Of the database; only where there is one. */
  readonly serverSeconds?: number
  /** Peak of the whole process, MiB. */
  readonly residentMiB: number
  /** End-to-end milliseconds from the record's timestamp; latency runs only. */
  readonly p50?: number
  readonly p99?: number
}

export interface Task {
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
  readonly count: number
  /** Latency runs: end-to-end times are kept of records that were produced after this moment. */
  readonly latencyFrom: number | null
}

export function readTask(): Task {
  const { BROKERS = '', TOPIC = '', GROUP = '', COUNT = '0', LATENCY_FROM } = process.env
  return {
    brokers: BROKERS,
    topic: TOPIC,
    groupId: GROUP,
    count: Number(COUNT),
    latencyFrom: LATENCY_FROM === undefined ? null : Number(LATENCY_FROM),
  }
}

/** Counts records; reports and ends the process when all have been handled. */
export function createMeasure(task: Task) {
  const latencies: number[] = []
  let records = 0
  let started = 0
  let cpuBefore = process.cpuUsage()

  function report(): never {
    const cpu = process.cpuUsage(cpuBefore)
    latencies.sort((a, b) => a - b)
    const quantile = (share: number) => latencies[Math.floor(share * (latencies.length - 1))]
    const result: Report = {
      records,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      residentMiB: process.resourceUsage().maxRSS / 1024,
      ...(task.latencyFrom === null
        ? {}
        : { p50: quantile(0.5) ?? Number.NaN, p99: quantile(0.99) ?? Number.NaN }),
    }
    console.log(JSON.stringify(result))
    process.exit(0)
  }

  return function handled(timestamp: number): void {
    if (records === 0) {
      started = performance.now()
      cpuBefore = process.cpuUsage()
    }
    records += 1
    if (task.latencyFrom !== null && timestamp >= task.latencyFrom) {
      latencies.push(Date.now() - timestamp)
    }
    if (records === task.count) report()
  }
}
