import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const built = join(root, '.cache/bin')

interface Tool {
  readonly name: string
  /** Folders to search in addition to the PATH. */
  readonly places: readonly string[]
  /** The module for `go install`, if the tool is not found. */
  readonly module: string
}

const helmTool: Tool = {
  name: 'helm',
  places: [join(built, 'helm'), join(homedir(), '.cache/e2e-cluster/bin/helm')],
  module: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
}
const kustomizeTool: Tool = {
  name: 'kustomize',
  places: [join(built, 'kustomize')],
  module: 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1',
}

const works = (file: string, ...args: string[]) => spawnSync(file, args).status === 0

function locate(tool: Tool): string {
  if (works(tool.name, 'version')) return tool.name
  const place = tool.places.find(existsSync)
  if (place !== undefined) return place
  console.error(`${tool.name} is not installed: building ${tool.module} into .cache/bin ...`)
  const { status } = spawnSync('go', ['install', tool.module], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, GOBIN: built, CGO_ENABLED: '0' },
  })
  if (status !== 0) {
    throw new Error(
      `${tool.name} is missing, and could not be built: install it, or Go to build it`,
    )
  }
  return join(built, tool.name)
}

/** The tool's output. Throws with its stderr if it fails. */
function output(command: readonly string[], args: readonly string[]): string {
  const [file = '', ...first] = command
  const { status, stdout, stderr, error } = spawnSync(file, [...first, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr}`)
  return stdout
}

let helmCommand: readonly string[] | undefined
export function helm(...args: string[]): string {
  helmCommand ??= [locate(helmTool)]
  return output(helmCommand, args)
}

let kustomizeCommand: readonly string[] | undefined
/** `kubectl kustomize FOLDER`, or kustomize if there is no kubectl. YAML documents. */
export function kustomize(folder: string): string {
  kustomizeCommand ??= works('kubectl', 'kustomize', '--help')
    ? ['kubectl', 'kustomize']
    : [locate(kustomizeTool), 'build']
  return output(kustomizeCommand, [folder])
}
