import { spawn } from 'node:child_process'
import { CodedError } from '../src/kernel/errors.ts'
import type { Report } from './contestants/measure.ts'
import type { Contestant } from './contestants.ts'

/** Runs it in a process of its own and resolves with what it reports. */
export function run(
  contestant: Contestant,
  task: { brokers: string; topic: string; count: number; latencyFrom?: number },
): Promise<Report> {
  const [command = '', ...args] = contestant.command
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...contestant.env,
      // kafkajs's timers of a negative duration, which broker/ fixes for the service.
      NODE_NO_WARNINGS: '1',
      BROKERS: task.brokers,
      TOPIC: task.topic,
      GROUP: `bench-${contestant.name.replace(/\W+/g, '-')}-${Date.now()}`,
      COUNT: String(task.count),
      ...(task.latencyFrom === undefined ? {} : { LATENCY_FROM: String(task.latencyFrom) }),
    },
  })
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output))
      else reject(new CodedError('OCC_BENCH', `${contestant.name} ended with code ${code}.`))
    })
  })
}

/** Each as often, in turns, so that what else runs on the machine meets all alike. */
export async function runInTurns(
  contestants: readonly Contestant[],
  turns: number,
  task: { brokers: string; topic: string; count: number },
): Promise<ReadonlyMap<Contestant, readonly Report[]>> {
  const reports = new Map<Contestant, Report[]>(contestants.map((one) => [one, []]))
  for (let turn = 1; turn <= turns; turn++) {
    for (const one of contestants) {
      const report = await run(one, task)
      reports.get(one)?.push(report)
      const rate = Math.round(report.records / report.seconds)
      console.log(`${task.topic}, turn ${turn}: ${one.name}: ${rate} records/s`)
    }
  }
  return reports
}
