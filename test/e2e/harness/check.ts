// Run before the tests: whether the cluster has what they need. One message and exit 1 when it has not.

import { environment } from './environment.ts'
import { connectApi } from './kubernetes/api.ts'

const needed = {
  '/readyz': 'an API server: is the cluster up, and KUBECONFIG the right one?',
  '/apis/keda.sh/v1alpha1': 'KEDA: install it',
  '/apis/external.metrics.k8s.io/v1beta1': "KEDA's metrics adapter: is it running?",
  '/apis/metrics.k8s.io/v1beta1': 'a metrics API: dev/e2e/metrics-server.sh CLUSTER_TOOL makes one',
}

const api = await connectApi().catch((error: Error) => {
  console.error(`KUBECONFIG=${process.env['KUBECONFIG']} cannot be used: ${error.message}`)
  process.exit(1)
})
for (const [path, what] of Object.entries(needed)) {
  const reason = await api.get(path).then(
    ({ status }) => (status === 200 ? undefined : `answers with ${status}`),
    (error: unknown) => `gives no answer: ${error}`,
  )
  if (reason === undefined) continue
  console.error(`The end-to-end tests need ${what} (${path} ${reason})`)
  process.exitCode = 1
  break
}
api.close()
if (process.exitCode === undefined) {
  const { host, image, chart } = environment
  console.log(
    `image ${image}, chart ${chart}, this machine is ${host} (E2E_IMAGE, E2E_CHART, E2E_HOST)`,
  )
}
