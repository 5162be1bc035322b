import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test, { after, before, describe } from 'node:test'
import { output, run } from '../../dev/tools.ts'
import { at, type Manifest, manifests, ofKind, renderScenario, scenarios } from './tools/helm.ts'

const namespace = `chart-${randomBytes(3).toString('hex')}`
const skip = process.env['KUBECONFIG'] ? false : 'needs a cluster: set KUBECONFIG'

/** Kinds that the cluster may lack; scenarios.test.ts validates them against their definitions. */
const FOREIGN = /\.(keda\.sh|monitoring\.coreos\.com)$/

function apply(objects: readonly Manifest[]) {
  const list = { apiVersion: 'v1', kind: 'List', items: objects }
  const args = [
    'apply',
    '--dry-run=server',
    '--validate=strict',
    '--namespace',
    namespace,
    '-f',
    '-',
  ]
  return run('kubectl', args, JSON.stringify(list))
}

/** The Deployment's pod by itself: the security standard is enforced on pods, and only told before. */
function podOf(deployment: Manifest | undefined): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod', namespace },
    spec: {
      ...(at(deployment, 'spec.template.spec') as object),
      serviceAccountName: 'default',
      // Classes are the cluster's own.
      priorityClassName: '',
    },
  }
}

describe('on the API server, in a namespace with the restricted standard', { skip }, () => {
  let known: ReadonlySet<string> = new Set()

  before(() => {
    output('kubectl', ['create', 'namespace', namespace])
    const label = ['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']
    output('kubectl', [...label, 'pod-security.kubernetes.io/warn=restricted'])
    known = new Set(output('kubectl', ['api-resources', '--output=name']).split('\n'))
  })
  after(() => {
    output('kubectl', ['delete', 'namespace', namespace, '--wait=false'])
  })

  const isKnown = ({ apiVersion, kind }: Manifest) => {
    const name = `${kind.toLowerCase()}s.${apiVersion.split('/')[0]}`
    return !FOREIGN.test(name) || known.has(name)
  }

  for (const scenario of scenarios) {
    test(`${scenario}: every object is taken, without a warning`, (t) => {
      const all = manifests(renderScenario(scenario)).map((object) => ({
        ...object,
        metadata: { ...object.metadata, namespace },
      }))
      const missing = all.filter((object) => !isKnown(object)).map(({ kind }) => kind)
      if (missing.length > 0) t.diagnostic(`not on this cluster: ${missing.join(', ')}`)
      const { status, stderr } = apply(all.filter(isKnown))
      assert.equal(status, 0, stderr)
      assert.doesNotMatch(stderr, /Warning/)
    })

    test(`${scenario}: its pod may run under the restricted standard`, () => {
      const all = manifests(renderScenario(scenario))
      const { status, stderr } = apply([podOf(ofKind(all, 'Deployment'))])
      assert.equal(status, 0, stderr)
    })
  }

  test('a pod that may become root is refused here, so the above says something', () => {
    const values = 'securityContext: { allowPrivilegeEscalation: true }'
    const all = manifests(renderScenario('plain', values))
    const { status, stderr } = apply([podOf(ofKind(all, 'Deployment'))])
    assert.equal(status, 1)
    assert.match(stderr, /violates PodSecurity "restricted/)
  })
})
