import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findJava } from '../dev/kafka/java.ts'
import { NODE_FLAGS } from '../dev/node-flags.ts'
import { messageOf, OccError } from '../src/kernel/errors.ts'
import type { Report } from './contestants/measure.ts'
import { compileJava } from './java.ts'

export interface Contestant {
  readonly name: string
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const here = (...file: string[]) => join(import.meta.dirname, 'contestants', ...file)
const cache = join(import.meta.dirname, '..', '.cache')

export interface ServiceOptions {
  readonly name: string
  /** File in contestants/handlers/; without it: no handler. */
  readonly handler?: string
  readonly options?: Readonly<Record<string, unknown>>
  readonly processing?: Readonly<Record<string, unknown>>
  readonly deduplication?: Readonly<Record<string, unknown>>
  /** With Node's own sizes of the heap: quicker, and larger. Default: the flags of `npm start`. */
  readonly largeHeap?: boolean
  /** The handler counts itself: not where it runs in worker threads. */
  readonly counts?: boolean
}

/** This service. BENCH_FLAGS are more flags for Node: `--cpu-prof` shows where its time goes. */
export function service(options: ServiceOptions): Contestant {
  const { name, handler, processing, deduplication, counts = false, largeHeap = false } = options
  const flags = largeHeap ? [] : NODE_FLAGS
  const more = process.env['BENCH_FLAGS']?.split(' ') ?? []
  return {
    name,
    command: [process.execPath, ...flags, ...more, here('service.ts')],
    env: {
      ...(handler === undefined ? {} : { HANDLER: here('handlers', handler) }),
      ...(counts ? { COUNTS: 'handler' } : {}),
      HANDLER_OPTIONS: JSON.stringify(options.options ?? {}),
      SECTIONS: JSON.stringify({ processing, deduplication }),
    },
  }
}

export const bareLoop: Contestant = {
  name: 'kafkajs loop, default fetch',
  command: [process.execPath, here('kafkajs-loop.ts')],
  env: { FETCH: 'default' },
}
export const bestLoop: Contestant = {
  ...bareLoop,
  name: 'kafkajs loop, 8 MB a partition',
  env: { FETCH: 'best' },
}

export function eachMessage(partitions: number): Contestant {
  return {
    name: 'kafkajs eachMessage',
    command: [process.execPath, here('each-message.ts')],
    env: { PARTITIONS: String(partitions) },
  }
}

/** Needs Maven and a JDK; null, with the reason said, without. */
export async function parallelConsumer(
  env: Readonly<Record<string, string>>,
): Promise<Contestant | null> {
  try {
    const [java, classPath] = await Promise.all([
      findJava(),
      compileJava(here('parallel-consumer'), 'ParallelConsumerBench.java'),
    ])
    const command = [java.command, '-Xmx2g', '-cp', classPath, 'ParallelConsumerBench']
    return { name: 'Parallel Consumer (Java)', command, env }
  } catch (error) {
    console.log(`Leaving Parallel Consumer out: ${messageOf(error)}`)
    return null
  }
}

/** Needs Python 3 and makes a virtual environment once; null, with the reason said, without. */
export function pythonTutorial(): Contestant | null {
  const python = join(cache, 'bench-python', 'bin', 'python')
  if (!existsSync(python)) {
    console.log('Making a Python environment with confluent-kafka and lz4 (once) ...')
    const venv = join(cache, 'bench-python')
    const steps = [
      ['python3', '-m', 'venv', venv],
      [python, '-m', 'pip', 'install', '--quiet', 'confluent-kafka==2.11.1', 'lz4==4.4.4'],
    ]
    for (const [command = '', ...args] of steps) {
      const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
      if (status !== 0) {
        console.log(`Leaving the Python tutorial out: "${command} ${args.join(' ')}" failed.`)
        return null
      }
    }
  }
  return { name: 'Python tutorial, 4 threads', command: [python, here('tutorial.py')], env: {} }
}

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
      // kafkajs's timers of a negative duration, which broker/ mends for the service.
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
      else reject(new OccError('OCC_BENCH', `${contestant.name} ended with code ${code}.`))
    })
  })
}

/** Each so often, in turns, so that what else goes on at the machine meets all alike. */
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
