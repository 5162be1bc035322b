import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { UndoStack } from '../../src/kernel/lifecycle.ts'
import type { Overview } from '../../src/observe/overview/types.ts'
import { listeningPort } from '../listening-port.ts'
import { root } from '../tools.ts'

/** A process of the service, called as a pod of the chart is. */
export interface Pod {
  readonly name: string
  readonly url: string
  /** Its lines of the log; nobody reads them. */
  readonly log: Readable
  /** What its page shows. */
  status(): Promise<Overview>
  /** Drains it. */
  end(): Promise<void>
}

/** Resolves when it listens. */
export async function startPod(
  name: string,
  config: string,
  env: Readonly<Record<string, string>>,
  undo: UndoStack,
): Promise<Pod> {
  const preload = join(import.meta.dirname, 'pod-name.mjs')
  const child = spawn(
    process.execPath,
    ['--import', preload, join(root, 'src/main.ts'), 'run', '--config', config],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...{ PATH: process.env['PATH'], HOME: process.env['HOME'] },
        ...{ POD_NAME: name, HTTP_PORT: '0', ...env },
      },
    },
  )
  const complaints = text(child.stderr)
  const ended = once(child, 'close')
  const end = async () => {
    child.kill()
    await ended
  }
  undo.push(name, end)
  const port = await listeningPort(child.stdout).catch(async () => {
    await end()
    throw new Error(`${name} has ended: ${await complaints}`)
  })
  const url = `http://127.0.0.1:${port}`
  return {
    ...{ name, url, end, log: child.stdout },
    status: async () => (await fetch(`${url}/api/v1/status`)).json() as Promise<Overview>,
  }
}

/** A request to the API. @throws Error with what it says if it refuses */
export async function post(url: string, token: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok)
    throw new Error(`${url} is answered with ${response.status}: ${await response.text()}`)
}
