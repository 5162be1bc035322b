import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { table } from '../../src/cli/terminal/terminal.ts'
import { configOrThrow } from '../../src/config/load/load.ts'
import { sleep, type UndoStack } from '../../src/kernel/lifecycle.ts'
import { type Consumer, startConsumer } from './consumers.ts'
import { createLiveLine } from './display.ts'
import type { DemoFlags } from './flags.ts'
import { lettersOf } from './letters.ts'
import { demoFolder, startBroker } from './parts.ts'
import { ON_PURPOSE, startStream } from './stream.ts'

const CONSUMERS = 3
const TOPIC = 'solana.transfers'
/** Milliseconds between two kills, and until another consumer replaces a killed one. */
const KILL_EVERY = 6_000
const BACK_AFTER = 1_000
/** Milliseconds for the group to finish what was produced, including session timeouts. */
const CATCH_UP = 60_000

/**
 * Runs three consumers of one group under load and kills them in turn with -9. At the end checks
 * every produced record. Resolves with the exit code: 1 if one is lost.
 */
export async function runKill(
  flags: DemoFlags,
  undo: UndoStack,
  interrupt: AbortSignal,
): Promise<number> {
  const folder = demoFolder(undo)
  const brokers = await startBroker(undo)
  if (interrupt.aborted) return 0
  const { file, env } = writeConfig(folder, brokers)
  const config = configOrThrow({ env, file })
  console.log(
    `${CONSUMERS} consumers of one group, ${flags.rate} messages per second, ${ON_PURPOSE.poison * 100} % of them poison. Every ` +
      `${KILL_EVERY / 1000} s one consumer is killed\nwith -9: no drain, no commit. Then every message is checked.\n`,
  )
  const { rate, partitions } = flags
  const stream = await startStream({ config, stream: 'solana', topic: TOPIC, partitions, rate })
  undo.push('stream', () => stream.end())

  const started = performance.now()
  const line = createLiveLine(process.stdout)
  undo.push('display', () => line.end())
  const say = (text: string) => {
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6)
    line.say(`${seconds} s  ${text}`)
  }
  const consumers = new Map<number, Consumer>()
  let number = 0
  const start = (place: number) => {
    const consumer = startConsumer(`consumer-${++number}`, file, env, say)
    consumers.set(place, consumer)
    say(`${consumer.name} starts (pid ${consumer.pid})`)
  }
  undo.push('consumers', async () => {
    await Promise.all([...consumers.values()].map((consumer) => consumer.stop()))
  })
  for (let place = 0; place < CONSUMERS; place++) start(place)

  const account = createAccount(folder)
  const live = setInterval(() => {
    const { messages } = stream.expected
    line.show(`produced ${messages}  handled ${account.look().seen.size}`)
  }, line.interval)
  undo.push('live', () => clearInterval(live))

  // Before the group has begun there is nothing to lose.
  while (account.look().seen.size === 0 && !interrupt.aborted) {
    await Promise.race([sleep(200, interrupt), stream.failed])
  }
  say('the group is at work')
  const until =
    flags.seconds === 0 ? Number.POSITIVE_INFINITY : performance.now() + flags.seconds * 1000
  let kills = 0
  while (performance.now() < until && !interrupt.aborted) {
    await Promise.race([sleep(KILL_EVERY, interrupt), stream.failed])
    if (interrupt.aborted || performance.now() >= until) break
    const place = kills++ % CONSUMERS
    const victim = consumers.get(place)
    consumers.delete(place)
    await victim?.kill()
    say(`${victim?.name} is killed with -9`)
    await sleep(BACK_AFTER, interrupt)
    start(place)
  }
  await stream.end()
  const produced = stream.expected.messages
  say(`${produced} messages produced; waiting for the group to finish them`)
  const letters = await finished(account, produced, () => lettersIn(config), interrupt)
  clearInterval(live)
  line.end()
  await Promise.all([...consumers.values()].map((consumer) => consumer.stop()))
  consumers.clear()

  const { seen, again } = account.look()
  const lost = produced - new Set([...seen, ...letters]).size
  console.log(
    table([
      ['produced', String(produced)],
      ['= handled', String(seen.size)],
      ['+ dead letters', String([...letters].filter((name) => !seen.has(name)).length)],
      [interrupt.aborted ? '+ unfinished when interrupted' : '+ lost', String(lost)],
      ['kill -9', String(kills)],
      ['handled again', String(again)],
    ]),
  )
  if (lost === 0 || interrupt.aborted) return 0
  console.log('\n"Lost" means not handled within a minute.')
  return 1
}

function writeConfig(folder: string, brokers: string) {
  const file = join(folder, 'config.yaml')
  mkdirSync(join(folder, 'handled'))
  const handler = join(import.meta.dirname, 'handlers/remember.ts')
  const settings = {
    kafka: {
      brokers: [brokers],
      topics: [TOPIC],
      groupId: `onchain-demo-${process.pid}`,
      sessionTimeout: '6s',
      heartbeatInterval: '1s',
    },
    handlers: [{ path: handler, options: { folder: join(folder, 'handled') } }],
    // Each message is counted separately, including repeated ones.
    deduplication: { window: 0 },
    deadLetters: { file: { folder: join(folder, 'dead-letters') } },
    http: { port: 0 },
    log: { level: 'warn' },
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings))
  const { PATH, HOME, TMPDIR } = process.env
  return { file, env: { PATH, HOME, TMPDIR } as NodeJS.ProcessEnv }
}

/** Reads what the handlers wrote, continuing where the last read ended. */
function createAccount(folder: string) {
  const seen = new Set<string>()
  const lines = new Map<string, number>()
  let again = 0
  return {
    look() {
      for (const name of readdirSync(join(folder, 'handled'))) {
        // Text after the last line break is still being written, or was cut off by a kill.
        const all = readFileSync(join(folder, 'handled', name), 'utf8')
          .split('\n')
          .slice(0, -1)
        for (const record of all.slice(lines.get(name) ?? 0)) {
          if (seen.has(record)) again += 1
          seen.add(record)
        }
        lines.set(name, all.length)
      }
      return { seen, again }
    },
  }
}

async function lettersIn(config: Parameters<typeof lettersOf>[0]): Promise<Set<string>> {
  const names = new Set<string>()
  for await (const { record } of lettersOf(config))
    names.add(`${record.partition}/${record.offset}`)
  return names
}

/** The dead letters, once all produced records are handled or among them, or the time is over. */
async function finished(
  account: ReturnType<typeof createAccount>,
  produced: number,
  read: () => Promise<Set<string>>,
  interrupt: AbortSignal,
): Promise<Set<string>> {
  const until = performance.now() + CATCH_UP
  for (;;) {
    const letters = await read()
    const { seen } = account.look()
    const isAll = new Set([...seen, ...letters]).size >= produced
    if (isAll || performance.now() > until || interrupt.aborted) return letters
    await sleep(500, interrupt)
  }
}
