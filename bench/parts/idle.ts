// A group member that has nothing to do, on 12 partitions: this service beside a bare kafkajs consumer,
// at the same time, so that what else runs on the machine meets both alike.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { table } from '../../src/cli/terminal/terminal.ts'
import { sleep } from '../../src/kernel/lifecycle.ts'
import { bareLoop, type Contestant } from '../contestants.ts'
import { childCpu } from '../cpu.ts'
import { GOALS } from '../goals.ts'
import { service } from '../own.ts'
import { PARTITIONS } from '../production.ts'
import type { Verdict } from '../report.ts'

export interface IdleOptions {
  readonly brokers: string
  readonly seconds: number
  createTopic(name: string, partitions: number): Promise<void>
}

/** Milliseconds after which all are members, and what starting up has left is compiled and collected. */
const SETTLING = 15_000

export async function compareIdle(options: IdleOptions): Promise<readonly Verdict[]> {
  const { brokers, seconds, createTopic } = options
  const topic = 'idle'
  await createTopic(topic, PARTITIONS)
  // Counted by a handler: whoever looks at the meters instead wakes the process 200 times a second.
  const counting = { handler: 'counting.ts', counts: true }
  const contestants = [service({ name: 'onchain-consumer', ...counting }), bareLoop]
  const children = contestants.map((one) => start(one, { brokers, topic }))
  try {
    await sleep(SETTLING)
    const before = children.map(childCpu)
    const began = performance.now()
    await sleep(seconds * 1000)
    const measured = (performance.now() - began) / 1000
    const percents = children.map(
      (child, index) => (100 * (childCpu(child) - (before[index] ?? 0))) / measured,
    )
    const rows = contestants.map(({ name }, index) => [name, (percents[index] ?? 0).toFixed(2)])
    const header = ['way', '% of a core']
    console.log(`\nidle for ${seconds} s, ${PARTITIONS} partitions\n\n${table(rows, { header })}\n`)
    const [own = Number.NaN, bare = Number.NaN] = percents
    const { belowPercent } = GOALS.idle
    return [
      {
        what: `idle with ${PARTITIONS} partitions, beside a kafkajs loop`,
        target: `< ${belowPercent} % of a core`,
        measured: `${own.toFixed(2)} % (${bare.toFixed(2)} %)`,
        reached: own < belowPercent,
      },
    ]
  } finally {
    await Promise.all(children.map(end))
  }
}

function start({ name, command, env }: Contestant, { brokers, topic }: Record<string, string>) {
  const [program = '', ...args] = command
  return spawn(program, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      ...env,
      NODE_NO_WARNINGS: '1',
      BROKERS: brokers,
      TOPIC: topic,
      GROUP: `idle-${name.replace(/\W+/g, '-')}`,
      COUNT: '1',
    },
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
