import { accessSync, constants } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where the tests run: any cluster, named by KUBECONFIG. */
export interface Environment {
  /** Address of this machine as pods see it: the Kafka of the tests listens there. */
  readonly host: string
  /** The image of the service; the nodes of the cluster hold it, nothing is pulled. */
  readonly image: string
  /** The chart: a folder, or a package as `helm package` makes it. */
  readonly chart: string
  readonly helm: string
  readonly kubectl: string
}

/** What cannot be: one message with the remedy, and the end; nothing hangs. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  if (!env['KUBECONFIG']) {
    end(
      'The end-to-end tests need a Kubernetes cluster with KEDA and no KUBECONFIG is set: ' +
        'KUBECONFIG=/path/to/config npm run test:e2e, or dev/e2e/run.sh, which starts a cluster.',
    )
  }
  const built = join(homedir(), '.cache/e2e-cluster/bin')
  return {
    host: env['E2E_HOST'] ?? '10.244.0.1',
    image: env['E2E_IMAGE'] ?? 'localhost/onchain-consumer:e2e',
    chart: env['E2E_CHART'] ?? join(import.meta.dirname, '../../../helm/onchain-consumer'),
    helm: env['HELM'] ?? program('helm', built),
    kubectl: program('kubectl', built),
  }
}

function program(name: string, ...further: readonly string[]): string {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...further]) {
    const path = join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not there: the next folder.
    }
  }
  return end(`The end-to-end tests need ${name}: install it and put it on the PATH.`)
}

function end(message: string): never {
  console.error(message)
  process.exit(1)
}

export const environment = readEnvironment()
