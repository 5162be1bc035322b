import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { UndoStack } from '../../../../src/kernel/lifecycle.ts'
import { environment } from '../environment.ts'

/** `kubectl port-forward` to the port `http` of a target, until `undo`. Resolves with its URL here. */
export async function portForward(
  undo: UndoStack,
  namespace: string,
  target: string,
): Promise<string> {
  const args = ['-n', namespace, 'port-forward', '--address', '127.0.0.1', target, ':http']
  const child = spawn(environment.kubectl, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const complaints = text(child.stderr)
  const ended = once(child, 'close')
  undo.push('port-forward', async () => {
    child.kill()
    await ended
  })
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const [, address] = /^Forwarding from (\S+) ->/.exec(line) ?? []
      if (address !== undefined) resolve(`http://${address}`)
    })
    ended.then(async () => reject(new Error(`port-forward has ended: ${await complaints}`)))
  })
}
