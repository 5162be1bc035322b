import type { Namespace } from './namespace.ts'
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

/** kill -9 of the service's process: nothing is drained, committed or said. */
export async function killInside(namespace: Namespace, pod: string): Promise<void> {
  const script = `
    const fs = require('node:fs')
    for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))) {
      const [command] = [fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8')]
      if (command.includes('main.js')) process.kill(Number(pid), 'SIGKILL')
    }`
  await namespace.kubectl(['exec', pod, '--', 'node', '-e', script])
}

/** Name of the pod that holds the release's Lease; undefined while nobody does. */
export async function leaderOf({ api, namespace, release }: Scene): Promise<string | undefined> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace.name}/leases/${release.fullName}`
  const { spec } = await api.json<{ spec: { holderIdentity?: string } }>(path)
  return spec.holderIdentity || undefined
}
