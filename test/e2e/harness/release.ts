import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { UndoStack } from '../../../src/kernel/lifecycle.ts'
import { helm, tryCommand } from './command.ts'
import { environment } from './environment.ts'
import type { Namespace } from './kubernetes/namespace.ts'
import type { Values } from './values.ts'

/** One release of the chart, by the helm command. */
export interface Release {
  readonly name: string
  /** Of the Deployment, the Service and the ScaledObject: the chart's usual full name. */
  readonly fullName: string
  /** `helm install`; resolves with what it prints: the notes. */
  install(values: Values, ...args: readonly string[]): Promise<string>
  upgrade(values: Values, ...args: readonly string[]): Promise<string>
  /** `helm test`; resolves with what it and its pod print. The chart's pod is gone afterwards. */
  test(): Promise<string>
  uninstall(): Promise<void>
}

export function createRelease(undo: UndoStack, namespace: Namespace, name = 'stream'): Release {
  const folder = mkdtempSync(join(tmpdir(), 'e2e-values-'))
  undo.push('release', async () => {
    rmSync(folder, { recursive: true, force: true })
    // Before the namespace goes: KEDA's finalizers would hold it up.
    await tryCommand(environment.helm, ['uninstall', name, '-n', namespace.name, '--wait'])
  })

  function run(verb: string, values: Values, args: readonly string[]): Promise<string> {
    const file = join(folder, 'values.yaml')
    writeFileSync(file, stringify(values))
    return helm([verb, name, environment.chart, '-n', namespace.name, '-f', file, ...args])
  }

  return {
    name,
    fullName: `${name}-onchain-consumer`,
    install: (values, ...args) => run('install', values, args),
    upgrade: (values, ...args) => run('upgrade', values, args),
    async test() {
      const args = ['test', name, '-n', namespace.name, '--timeout', '120s']
      const { code, stdout, stderr } = await tryCommand(environment.helm, args)
      if (code !== 0) throw new Error(`helm test ended with ${code}: ${stderr}${stdout}`)
      return stderr + stdout
    },
    async uninstall() {
      await helm(['uninstall', name, '-n', namespace.name, '--wait', '--timeout', '120s'])
    },
  }
}
