import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { UndoStack } from '../../../src/kernel/lifecycle.ts'
import { environment } from './environment.ts'
import type { Namespace } from './namespace.ts'

/** `kubectl port-forward` to a pod's HTTP port; resolves with its URL on this machine. */
export async function forwardPort(
  undo: UndoStack,
  namespace: Namespace,
  pod: string,
): Promise<string> {
  const args = ['-n', namespace.name, 'port-forward', `pod/${pod}`, ':8080']
  const child = spawn(environment.kubectl, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  undo.push('port-forward', async () => {
    child.kill()
    await exited
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
    if (port !== undefined) return `http://127.0.0.1:${port}`
  }
  throw new Error(`kubectl ${args.join(' ')} ended before it listened`)
}
