import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '../../support/waiting.ts'
import type { Scene } from '../support/setup.ts'

/** A consumer of the scene's group by another client: consume.py, which is librdkafka. */
export interface OtherMember {
  readonly process: ChildProcess
  /** The partitions that it has now. */
  readonly owned: readonly number[]
  readonly errors: readonly string[]
  /** Resolves when it has some. */
  ready(): Promise<void>
  /** SIGTERM: it commits and leaves. Resolves with the exit code. */
  terminate(): Promise<number | null>
}

const ROOT = join(import.meta.dirname, '../../..')
let started = 0

/** Where the Python is that has it; installs it into .cache/ the first time. */
export function pythonWithKafka(): string {
  const script = join(ROOT, 'dev/python/venv.sh')
  return execFileSync(script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}

export function startOther(scene: Scene, strategies: string): OtherMember {
  started += 1
  const file = join(scene.folder, `handled-other-${started}.csv`)
  const script = join(import.meta.dirname, 'consume.py')
  const { brokers, topic, groupId } = scene
  const child = spawn(pythonWithKafka(), [script, brokers, topic, groupId, strategies, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  let owned: readonly number[] = []
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line)
    if (said.owned !== undefined) owned = said.owned
    if (said.error !== undefined) errors.push(said.error)
  })
  return {
    process: child,
    get owned() {
      return owned
    },
    errors,
    ready: () => until(() => owned.length > 0, 'the other client to have partitions'),
    async terminate() {
      child.kill('SIGTERM')
      const [code] = await gone
      return code
    },
  }
}
