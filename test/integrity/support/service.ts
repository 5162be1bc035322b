import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NODE_FLAGS } from '../../../dev/node-flags.ts'
import { MAIN } from '../../support/service-main.ts'
import { until } from '../../support/waiting.ts'
import { attemptsFile } from './attempts.ts'

export interface ServiceOptions {
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
  /** Where it writes what it handled, what failed, and its log. */
  readonly folder: string
  readonly env?: Readonly<Record<string, string>>
  /** Its configuration file. Where it names no handlers: handlers/recording.ts. */
  readonly config?: object
}

/** A line of its log. */
export interface LogLine {
  readonly level: string
  readonly event: string
  readonly msg: string
  readonly [field: string]: unknown
}

/** One process of the service: the very command that users run, `onchain-consumer run`. */
export interface Service {
  /** 1 for the first one of this process. */
  readonly number: number
  readonly process: ChildProcess
  readonly url: string
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  terminate(): Promise<number | null>
  get(path: string): Promise<{ status: number; body: string }>
  /** Resolves when /readyz says so. */
  ready(): Promise<void>
  /** What it has logged so far; a half-written last line is none. */
  log(): LogLine[]
}

/** Also a record with the id of another one is to be written down. */
const RECORDING = {
  handlers: [{ path: join(import.meta.dirname, '../handlers/recording.ts') }],
  deduplication: { window: 0 },
}

let started = 0

/** Starts a process and resolves when it serves HTTP; it may not be a member of the group yet. */
export async function startService(options: ServiceOptions): Promise<Service> {
  started += 1
  const number = started
  const logFile = join(options.folder, `log-${number}.ndjson`)
  const { config: given = {} } = options
  const whole = 'handlers' in given ? given : { ...RECORDING, ...given }
  const config = writeConfig(options.folder, number, whole)
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, 'run', '--config', config], {
    stdio: ['ignore', log, log],
    env: environmentOf(options, number),
  })
  closeSync(log)
  const gone = once(child, 'exit')
  const port = await loggedPort()
  const url = `http://127.0.0.1:${port}`

  function readLog(): LogLine[] {
    return readFileSync(logFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
  }

  async function loggedPort(): Promise<unknown> {
    let port: unknown
    await until(() => {
      if (child.exitCode !== null) throw new Error(readFileSync(logFile, 'utf8').slice(-2000))
      port = readLog().find(({ event }) => event === 'http.listening')?.['port']
      return port !== undefined
    }, `the service to listen (${logFile})`)
    return port
  }

  async function get(path: string) {
    const response = await fetch(url + path)
    return { status: response.status, body: await response.text() }
  }

  return {
    number,
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
      await until(async () => (await get('/readyz')).status === 200, 'the service to be ready')
    },
    log: readLog,
  }
}

function writeConfig(folder: string, number: number, config: object): string {
  const path = join(folder, `config-${number}.yaml`)
  writeFileSync(path, JSON.stringify(config))
  return path
}

/** For the service, and for commands that are to find what it keeps. */
export function environmentOf(options: ServiceOptions, number: number): NodeJS.ProcessEnv {
  const { brokers, topic, groupId, folder, env } = options
  return {
    ...process.env,
    KAFKA_BOOTSTRAP_SERVERS: brokers,
    KAFKA_TOPICS: topic,
    KAFKA_GROUP_ID: groupId,
    HTTP_PORT: '0',
    OCC_SINK_LOG_MODE: 'off',
    OCC_DEAD_LETTERS_FILE_FOLDER: join(folder, 'dead-letters'),
    HANDLED_FILE: join(folder, `handled-${number}.csv`),
    ATTEMPTS_FILE: attemptsFile(folder, number),
    ...env,
  }
}
