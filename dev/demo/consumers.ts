import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { NODE_FLAGS } from '../node-flags.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

export interface Consumer {
  readonly name: string
  readonly pid: number
  /** kill -9: no drain, no commit. */
  kill(): Promise<void>
  /** SIGTERM: drains, commits, leaves the group. */
  stop(): Promise<void>
}

/** The service in its own process, as started by `npm start`. */
export function startConsumer(
  name: string,
  config: string,
  env: NodeJS.ProcessEnv,
  ended: (text: string) => void,
): Consumer {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, 'run', '--config', config], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let lastLine = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      lastLine = chunk.toString().trim().split('\n').at(-1) ?? lastLine
    })
  }
  const exited = once(child, 'exit')
  let isWanted = true
  void exited.then(([code]) => {
    if (isWanted) ended(`${name} ended by itself with exit code ${code}: ${lastLine}`)
  })
  const end = (signal: NodeJS.Signals) => {
    isWanted = false
    return endBy(child, signal, exited)
  }
  return { name, pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}

async function endBy(
  child: ChildProcess,
  signal: NodeJS.Signals,
  exited: Promise<unknown>,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal)
  await exited
}
