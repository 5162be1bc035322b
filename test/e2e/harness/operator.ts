import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UndoStack } from '../../../src/kernel/lifecycle.ts'
import { type CommandResult, kubectl, tryCommand } from './command.ts'
import { documentedBlock } from './documented.ts'
import type { Namespace } from './kubernetes/namespace.ts'

const MAIN = join(import.meta.dirname, '../../../src/main.ts')

/** Somebody outside of the cluster, with a kubeconfig and the rights of docs/admin.md, and no others. */
export interface Operator {
  /** For files of the commands; gone with the scene. */
  readonly folder: string
  /** `onchain-consumer ARGS` on this machine. */
  run(...args: readonly string[]): Promise<CommandResult>
  /** The same, its standard output. @throws Error with what it said, when it fails */
  ask(...args: readonly string[]): Promise<string>
}

/** @param secret of the admin token */
export async function createOperator(
  undo: UndoStack,
  namespace: Namespace,
  secret: string,
): Promise<Operator> {
  const folder = mkdtempSync(join(tmpdir(), 'e2e-operator-'))
  undo.push('operator', () => rmSync(folder, { recursive: true }))
  const documented = documentedBlock('admin.md', 'From outside of the cluster', 'yaml')
  const role = documented.replace('transfers-admin', secret)
  await namespace.kubectl(['apply', '-f', '-'], role)
  const [, name = ''] = /^ {2}name: (\S+)/m.exec(role) ?? []
  await namespace.kubectl(['create', 'serviceaccount', 'operator'])
  const account = `--serviceaccount=${namespace.name}:operator`
  await namespace.kubectl(['create', 'rolebinding', 'operator', `--role=${name}`, account])
  const token = (await namespace.kubectl(['create', 'token', 'operator'])).trim()
  const own = await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'])
  const config = JSON.parse(own)
  config.users[0].user = { token }
  config.contexts[0].context.namespace = namespace.name
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 })
  const env = { ...process.env, KUBECONFIG: kubeconfig }

  const run = (...args: readonly string[]) => tryCommand(process.execPath, [MAIN, ...args], { env })
  return {
    folder,
    run,
    async ask(...args) {
      const { code, stdout, stderr } = await run(...args)
      if (code === 0) return stdout
      throw new Error(`onchain-consumer ${args.join(' ')} ended with ${code}: ${stderr || stdout}`)
    },
  }
}
