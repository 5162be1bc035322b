import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { locate, output, type Tool } from '../tools.ts'

const helmTool: Tool = {
  name: 'helm',
  places: [join(homedir(), '.cache/e2e-cluster/bin/helm')],
  module: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
}
const kustomizeTool: Tool = {
  name: 'kustomize',
  places: [],
  module: 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1',
}

let helmFile: string | undefined
export function helm(...args: string[]): string {
  helmFile ??= locate(helmTool)
  return output(helmFile, args)
}

let kustomizeCommand: readonly [file: string, ...args: string[]] | undefined
/** `kubectl kustomize FOLDER`, or kustomize if there is no kubectl. YAML documents. */
export function kustomize(folder: string): string {
  const hasKubectl = () => spawnSync('kubectl', ['kustomize', '--help']).status === 0
  kustomizeCommand ??= hasKubectl() ? ['kubectl', 'kustomize'] : [locate(kustomizeTool), 'build']
  const [file, ...args] = kustomizeCommand
  return output(file, [...args, folder])
}
