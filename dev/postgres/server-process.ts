import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { CodedError } from '../../src/kernel/errors.ts'
import type { SystemUser } from './system-user.ts'

export interface ServerProcess {
  readonly pid: number
  /** Rejects with OCC_POSTGRES_START and the end of its log if it ends before it is ready. */
  readonly ready: Promise<void>
  /** Resolves when it has ended for any reason. */
  readonly exited: Promise<void>
  signal(signal: NodeJS.Signals): void
}

export interface ServerOptions {
  /** Removed when this process is gone. */
  readonly folder: string
  readonly user: SystemUser
  /** For error messages. */
  readonly name: string
  /** Matches the line of its log that says that it is ready. */
  readonly isUp: RegExp
}

/**
 * As for Kafka (dev/kafka/java/jvm.ts): the shell starts a watcher and becomes the server. When Node
 * ends for any reason, descriptor 3 closes, and the watcher stops the server (SIGQUIT: at once, but
 * releasing its shared memory) and removes its folder.
 */
const LAUNCH = `
  {
    read -r line <&3 || {
      kill -QUIT $$
      for i in 1 2 3 4 5; do sleep 1; rm -rf "$0" && break; done
    }
  } >/dev/null 2>&1 &
  exec 3<&-
  exec "$@"
`

const LINES_KEPT = 20

export function launchServer(
  command: readonly string[],
  { folder, user, name, isUp }: ServerOptions,
): ServerProcess {
  const child: ChildProcess = spawn('sh', ['-c', LAUNCH, folder, ...command], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
    cwd: folder,
    detached: true,
    ...user,
  })
  const lifeline = child.stdio[3] as Socket
  lifeline.on('error', () => {}) // the watcher may be gone first
  const exited = once(child, 'exit').then(() => {
    lifeline.end('done\n')
  })
  exited.catch(() => {})
  const lines: string[] = []
  const isReady = Promise.withResolvers<void>()
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line)
      if (lines.length > LINES_KEPT) lines.shift()
      if (isUp.test(line)) isReady.resolve()
    })
  }
  const died = exited.then(() => {
    throw new CodedError('OCC_POSTGRES_START', `${name} ended: ${lines.join('\n')}`, {
      retriable: /Address already in use/.test(lines.join('\n')),
    })
  })
  const ready = Promise.race([isReady.promise, died])
  died.catch(() => {})
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    signal: (signal) => {
      child.kill(signal)
    },
  }
}
