import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { securedEnvironment as loginOf } from '../../../dev/kafka/secured-environment.ts'
import type { EmbeddedKafka } from '../../../dev/kafka/types.ts'
import { main } from '../../../src/cli/index.ts'
import { describeFailure } from '../../../src/cli/run/failure.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { MAIN } from '../../support/service-main.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../harness.ts'

export const ROOT = join(import.meta.dirname, '../../..')

export type Environment = Readonly<Record<string, string>>

/** A line of the service's JSON log. */
export interface Line {
  readonly level: string
  readonly event: string
  readonly msg: string
  readonly [field: string]: unknown
}

export interface Exit {
  /** null when a signal ended it. */
  readonly code: number | null
  readonly lines: readonly Line[]
  readonly stderr: string
}

/** One `onchain-consumer run`, a process of its own; killed at the latest with the test. */
export interface RunningService {
  readonly process: ChildProcess
  readonly lines: readonly Line[]
  /** The first line that fits, also one that was logged before; fails when the process ends first. */
  logged(fits: (line: Line) => boolean, what: string): Promise<Line>
  /** The lines of the log sink. */
  records(): Line[]
  /** Resolves when the log sink has written that many. */
  recorded(count: number): Promise<void>
  /** Where it listens, once it does: `http://HOST:PORT`. */
  url(): Promise<string>
  get(path: string): Promise<{ status: number; body: string }>
  ready(): Promise<void>
  readonly exit: Promise<Exit>
  /** Sends the signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Exit>
}

/** Nothing of the environment of the tests, but for what a process needs to run, and to start soon. */
function environment(env: Environment): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  return { PATH, HOME, NODE_COMPILE_CACHE, ...env }
}

export function startService(
  t: TestContext,
  env: Environment,
  args: readonly string[] = [],
  cwd: string = process.cwd(),
  main = MAIN,
): RunningService {
  const child = spawn(process.execPath, [main, 'run', ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment({ HTTP_PORT: '0', OCC_SINK_LOG_EVERY: '1', ...env }),
  })
  const lines: Line[] = []
  const watchers = new Set<() => void>()
  let unfinished = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    // What a killed process left of its last line is no line.
    const [first = '', ...more] = chunk.split('\n')
    unfinished += first
    for (const next of more) {
      lines.push(JSON.parse(unfinished))
      unfinished = next
    }
    for (const watcher of watchers) watcher()
  })
  const stderr = text(child.stderr)
  const exit = once(child, 'close').then(async ([code]) => ({ code, lines, stderr: await stderr }))
  t.after(async () => {
    child.kill('SIGKILL')
    await exit
  })

  /** Resolves when the condition, asked again with each line, holds. */
  async function watch(condition: () => boolean, what: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const watcher = () => {
      if (condition()) resolve()
    }
    watchers.add(watcher)
    watcher()
    const ended = exit.then((it) => {
      if (condition()) return
      throw new Error(`it ended with ${it.code} before ${what}: ${it.stderr}${tail(lines)}`)
    })
    await Promise.race([promise, ended])
    watchers.delete(watcher)
  }

  const records = () => lines.filter(({ event }) => event === 'record.logged')
  async function logged(fits: (line: Line) => boolean, what: string): Promise<Line> {
    await watch(() => lines.some(fits), what)
    const line = lines.find(fits)
    assert.ok(line)
    return line
  }

  async function url(): Promise<string> {
    const { port } = await logged(({ event }) => event === 'http.listening', 'it listens')
    return `http://127.0.0.1:${port}`
  }

  async function get(path: string) {
    const response = await fetch(`${await url()}${path}`)
    return { status: response.status, body: await response.text() }
  }

  return {
    process: child,
    lines,
    logged,
    records,
    recorded: (count) => watch(() => records().length >= count, `${count} records are logged`),
    url,
    get,
    async ready() {
      await until(
        async () => (await get('/readyz')).status === 200,
        () => `ready: ${tail(lines)}`,
      )
    },
    exit,
    end(signal = 'SIGTERM') {
      child.kill(signal)
      return exit
    },
  }
}

/** A command of the CLI, to its end. */
export async function runCommand(
  args: readonly string[],
  env: Environment = {},
  main = MAIN,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(env),
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

/** The same in this process, which is faster; it gets no Ctrl-C. */
export async function runHere(
  args: readonly string[],
  env: Environment = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const io = fakeIo({ env })
  let code = 1
  try {
    code = await main(args, io)
  } catch (error) {
    io.stderr.write(`${describeFailure(error)}\n`)
  }
  return { code, stdout: io.stdout.written(), stderr: io.stderr.written() }
}

function tail(lines: readonly Line[]): string {
  return lines
    .slice(-5)
    .map((line) => JSON.stringify(line).slice(0, 400))
    .join('\n')
}

/** What most services here share: where Kafka is, in plain text, and short times. */
export function plainEnvironment(
  t: TestContext,
  kafka: EmbeddedKafka,
  topics: string,
  groupId = `onchain-${topics.replaceAll(',', '-')}`,
): Record<string, string> {
  return {
    KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.plaintext,
    KAFKA_TOPICS: topics,
    KAFKA_GROUP_ID: groupId,
    KAFKA_HEARTBEAT_INTERVAL_MS: '200',
    OCC_COMMIT_INTERVAL: '100ms',
    OCC_LAG_INTERVAL: '200ms',
    OCC_DEAD_LETTERS_FILE_FOLDER: join(temporaryFolder(t), 'dead-letters'),
  }
}

/** The same over SASL_SSL, SCRAM-SHA-512 and a client certificate. */
export async function securedEnvironment(
  t: TestContext,
  kafka: EmbeddedKafka,
  topics: string,
  groupId?: string,
): Promise<Record<string, string>> {
  return {
    ...plainEnvironment(t, kafka, topics, groupId),
    ...(await loginOf(kafka, join(temporaryFolder(t), 'password'))),
    KAFKA_BOOTSTRAP_SERVERS: kafka.brokers.saslSsl,
    KAFKA_SSL_VERIFY: 'ca',
  }
}
