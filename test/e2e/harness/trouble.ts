import { tryCommand } from './command.ts'
import { environment } from './environment.ts'
import type { Namespace } from './kubernetes/namespace.ts'
import type { Scene } from './scene.ts'

/**
 * Lets a container's processes see each other, with the pause container as process 1. A process 1
 * cannot be killed by SIGKILL from inside its own namespace, and with any cluster there is no other
 * way in; this way the service is no process 1, and the kernel ends it like any other. A user's
 * `kubectl patch`, because no chart needs this; helm keeps it over an upgrade.
 */
export async function shareProcesses(namespace: Namespace, deployment: string): Promise<void> {
  const patch = { spec: { template: { spec: { shareProcessNamespace: true } } } }
  await namespace.kubectl(['patch', 'deployment', deployment, '-p', JSON.stringify(patch)])
  await namespace.kubectl(['rollout', 'status', 'deployment', deployment, '--timeout=120s'])
}

/**
 * A signal for the service's process. SIGKILL: nothing is drained, committed or said. SIGSTOP: it is
 * still there, and does nothing any more.
 */
export async function signalInside(
  namespace: Namespace,
  pod: string,
  signal: 'SIGKILL' | 'SIGSTOP',
): Promise<void> {
  const script = `
    const fs = require('node:fs')
    const ids = fs.readdirSync('/proc').map(Number).filter((id) => id > 0 && id !== process.pid)
    for (const id of ids) {
      const command = fs.readFileSync('/proc/' + id + '/cmdline', 'utf8')
      if (command.includes('main.js')) process.kill(id, '${signal}')
    }`
  // The command may be ended together with the container, so its exit code says nothing.
  await tryCommand(environment.kubectl, [
    ...['-n', namespace.name, 'exec', pod, '--', 'node', '-e', script],
  ])
}

/** As a node that hangs and is then given up: the pod has no chance to say anything to anybody. */
export async function freezeAndDelete(namespace: Namespace, pod: string): Promise<void> {
  await signalInside(namespace, pod, 'SIGSTOP')
  await namespace.kubectl(['delete', 'pod', pod, '--grace-period=0', '--force'])
}

/** Name of the pod that holds the release's Lease; undefined while nobody does. */
export async function leaderOf({ api, namespace, release }: Scene): Promise<string | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace.name}/leases/${release.fullName}`
  const { spec } = await api.json<{ spec: { holderIdentity?: string } }>(path)
  return spec.holderIdentity || undefined
}
