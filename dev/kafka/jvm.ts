import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'

export interface JvmOptions {
  /** Flags, class name and arguments, as after `java`. */
  readonly args: readonly string[]
  /** Removed once this process is gone without having closed the JVM itself. */
  readonly folder?: string
}

export interface Jvm {
  readonly process: ChildProcess
  readonly pid: number
  /** Resolves with the exit code, 128 + 9 for SIGKILL and so on. */
  readonly exited: Promise<number>
}

/**
 * The shell leaves a watcher behind and becomes the JVM, so both have their parent's knowledge:
 * `$$` is the JVM's process id. Descriptor 3 is held open by Node alone. When Node is gone in
 * whatever way, kill -9 included, the kernel closes it, the watcher's `read` ends, and the watcher
 * kills the JVM and removes its folder (again, should the dying JVM have been writing a file). A
 * line on it means that Node saw to everything itself.
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

/** Starts a JVM that cannot outlive this process. Unix only: it needs a POSIX `sh`. */
export function launchJvm(java: string, options: JvmOptions): Jvm {
  const child = spawn('sh', ['-c', LAUNCH, options.folder ?? '', java, ...options.args], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in a terminal reaches Node only, which ends the JVM in order.
    detached: true,
  })
  const lifeline = child.stdio[3] as Socket
  lifeline.on('error', () => {}) // the watcher may be gone first; there is nobody left to tell
  // A command that ends without reading all of its input breaks the pipe; its exit code says more.
  child.stdin?.on('error', () => {})
  const exited = once(child, 'exit').then(([code, signal]) => {
    lifeline.end('done\n')
    return typeof code === 'number' ? code : 128 + signalNumber(signal)
  })
  exited.catch(() => {}) // an 'error' event: reported by whoever awaits it
  return { process: child, pid: child.pid ?? 0, exited }
}

function signalNumber(signal: unknown): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : signal === 'SIGINT' ? 2 : 1
}
