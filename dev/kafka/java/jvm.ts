import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

export interface JvmOptions {
  /** Flags, class name and arguments, as after `java`. */
  readonly args: readonly string[]
  /** Removed if this process ends without closing the JVM. */
  readonly folder?: string
}

export interface Jvm {
  readonly process: ChildProcess
  readonly pid: number
  /** Resolves with the exit code, 128 + 9 for SIGKILL and so on. */
  readonly exited: Promise<number>
}

/**
 * The shell starts a watcher and becomes the JVM, so `$$` is the JVM's process id for both. Only
 * Node holds descriptor 3 open. When Node ends for any reason, including kill -9, the kernel closes
 * it, the watcher's `read` ends, and the watcher kills the JVM and removes its folder (twice, if
 * the dying JVM was still writing a file). A line on the descriptor means that Node did all of this
 * itself.
 */
const LAUNCH = `
  {
    read -r line <&3 || {
      kill -9 $$
      [ -z "$0" ] || rm -rf "$0" || { sleep 1; rm -rf "$0"; }
    }
  } >/dev/null 2>&1 &
  exec 3<&-
  exec "$@"
`

/** Starts a JVM that cannot outlive this process. Unix only: needs a POSIX `sh`. */
export function launchJvm(java: string, options: JvmOptions): Jvm {
  const child = spawn('sh', ['-c', LAUNCH, options.folder ?? '', java, ...options.args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // A separate process group: Ctrl-C in a terminal reaches only Node, which stops the JVM
    // cleanly.
    detached: true,
  })
  const lifeline = child.stdio[3] as Socket
  lifeline.on('error', () => {}) // the watcher may be gone first
  // A command that ends without reading all of its input breaks the pipe; its exit code says more.
  child.stdin?.on('error', () => {})
  const exited = once(child, 'exit').then(([code, signal]) => {
    lifeline.end('done\n')
    return typeof code === 'number' ? code : 128 + signalNumber(signal)
  })
  exited.catch(() => {}) // an 'error' event: handled where it is awaited
  return { process: child, pid: child.pid ?? 0, exited }
}

function signalNumber(signal: unknown): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : signal === 'SIGINT' ? 2 : 1
}
