import { randomBytes } from 'node:crypto'
import type { UndoStack } from '../../../../src/kernel/lifecycle.ts'
import { kubectl, tryCommand } from '../command.ts'
import { environment } from '../environment.ts'
import type { Api } from './api.ts'
import type { KubernetesEvent, List } from './objects.ts'

/** All namespaces of these tests: `kubectl delete namespace -l <this>` after a test was killed. */
const LABEL = 'app.kubernetes.io/managed-by=onchain-consumer-e2e'

export interface Namespace {
  readonly name: string
  kubectl(args: readonly string[], stdin?: string): Promise<string>
  events(): Promise<readonly KubernetesEvent[]>
  /** `kind/name` of everything in it, but for what a namespace has by itself, Events and metrics. */
  contents(): Promise<string[]>
}

/** A namespace where only restricted pods are let in. */
export async function createNamespace(
  undo: UndoStack,
  api: Api,
  scenario: string,
): Promise<Namespace> {
  const name = `e2e-${scenario}-${randomBytes(3).toString('hex')}`
  await kubectl(['create', 'namespace', name])
  undo.push('namespace', async () => {
    await kubectl(['delete', 'namespace', name, '--timeout=120s'])
  })
  const restricted = 'pod-security.kubernetes.io/enforce=restricted'
  await kubectl(['label', 'namespace', name, restricted, LABEL])

  const namespaced = (args: readonly string[], stdin = '') =>
    kubectl(['--namespace', name, ...args], { stdin })
  return {
    name,
    kubectl: namespaced,
    async events() {
      const list = await api.json<List<KubernetesEvent>>(`/api/v1/namespaces/${name}/events`)
      return list.items
    },
    async contents() {
      const kinds = await kubectl(['api-resources', '--namespaced', '--verbs=list', '-o', 'name'])
      const listed = kinds
        .split('\n')
        .filter((kind) => kind !== '' && !/^events|metrics/.test(kind))
      const found = await namespaced(['get', listed.join(','), '-o', 'name', '--ignore-not-found'])
      const own = ['configmap/kube-root-ca.crt', 'serviceaccount/default']
      return found.split('\n').filter((object) => object !== '' && !own.includes(object))
    },
  }
}

/** What somebody who looks for the reason of a failed test would ask first. */
export async function showNamespace(name: string): Promise<void> {
  const asked = [
    ['get', 'pods,deployments,hpa,scaledobjects', '-o', 'wide'],
    ['get', 'events', '--sort-by=.lastTimestamp'],
    ['logs', '-l', 'app.kubernetes.io/name=onchain-consumer', '--tail=30', '--prefix'],
  ]
  for (const args of asked) {
    const { stdout, stderr } = await tryCommand(environment.kubectl, ['-n', name, ...args])
    const lines = stdout.split('\n').filter((line) => !line.includes('"event":"record.logged"'))
    console.error(`\n$ kubectl ${args.join(' ')}\n${lines.slice(-120).join('\n')}${stderr}`)
  }
}
