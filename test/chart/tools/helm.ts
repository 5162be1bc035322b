import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { locate, type Output, root, run } from '../../../dev/tools.ts'

export const chart = join(root, 'helm/onchain-consumer')

let path: string | undefined
/** Helm with these arguments, to its end. $HELM names another one. */
export function helm(args: readonly string[], input?: string): Output {
  path ??=
    process.env['HELM'] ??
    locate({
      name: 'helm',
      places: [join(homedir(), '.cache/e2e-cluster/bin/helm')],
      module: 'helm.sh/helm/v3/cmd/helm@v3.22.0',
    })
  return run(path, args, input)
}

/** The examples of the chart, by name. */
export const scenarios: readonly string[] = readdirSync(join(chart, 'ci'))
  .map((file) => basename(file, '-values.yaml'))
  .sort()

export const scenarioFile = (name: string) => join(chart, 'ci', `${name}-values.yaml`)

export const RELEASE = 'transfers'
export const NAMESPACE = 'chain'
/** What the golden files are made for; other versions only where a template asks for the version. */
export const KUBERNETES = '1.34'

/** `helm template` of the chart. Values come from files, from YAML text, or from both. */
export function template(files: readonly string[], values = '', version = KUBERNETES): Output {
  const args = ['template', RELEASE, chart, '--namespace', NAMESPACE, '--kube-version', version]
  const given = values === '' ? [] : ['--values', '-']
  return helm([...args, ...files.flatMap((file) => ['--values', file]), ...given], values)
}

/** What the scenario renders to; throws with helm's message when it does not. */
export function renderScenario(name: string, values = '', version = KUBERNETES): string {
  return rendered(template([scenarioFile(name)], values, version))
}

/** What the plain scenario renders to with these values over it. */
export function renderWith(values: string): readonly Manifest[] {
  return manifests(renderScenario('plain', values))
}

export function rendered({ status, stdout, stderr }: Output): string {
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** As much of an object as every object has. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly [key: string]: unknown
}

export function manifests(text: string): readonly Manifest[] {
  // YAML 1.1, as Kubernetes reads it: 0440 is octal.
  return parseAllDocuments(text, { version: '1.1' })
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null)
}

/** The value at a dotted path, with indexes: `spec.triggers.0.metadata`. Undefined where none is. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => {
    return typeof inner === 'object' && inner !== null
      ? (inner as Record<string, unknown>)[key]
      : undefined
  }, value)
}

/** The one object of a kind; undefined where there is none. */
export function ofKind(all: readonly Manifest[], kind: string): Manifest | undefined {
  return all.find((manifest) => manifest.kind === kind)
}
