import assert from 'node:assert/strict'
import test from 'node:test'
import { locate, run } from '../../dev/tools.ts'
import { renderScenario, scenarios } from './tools/helm.ts'

/** What kube-score wants and this chart does not do, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'container-image-pull-policy':
    'IfNotPresent: a tag is not moved here, and a pod must start while the registry is away',
  'container-security-context-user-group-id':
    '1000 is the user of the image; the node maps no user of its own to it',
  'pod-networkpolicy':
    'off unless asked for, as only the user knows what the brokers advertise; the pod of helm test has none',
  'deployment-replicas': 'one pod is a complete service; the lag decides about more',
  'horizontalpodautoscaler-replicas': 'the same',
  'deployment-has-host-podantiaffinity': 'topologySpreadConstraints spread the pods',
}

interface Score {
  readonly object_name: string
  readonly checks: ReadonlyArray<{
    readonly check: { readonly id: string }
    readonly grade: number
    readonly skipped: boolean
    readonly comments: ReadonlyArray<{ readonly summary: string }> | null
  }>
}

const ALL_OK = 10

function complaints(yaml: string): string[] {
  const tool = locate({
    name: 'kube-score',
    places: [],
    module: 'github.com/zegl/kube-score/cmd/kube-score@v1.20.0',
  })
  // No CPU limit: throttling delays heartbeats, and a late heartbeat is a rebalance.
  const args = ['score', '--output-format', 'json', '--ignore-container-cpu-limit', '-']
  const { stdout, stderr } = run(tool, args, yaml)
  assert.notEqual(stdout, '', stderr)
  return (JSON.parse(stdout) as Score[]).flatMap(({ object_name, checks }) =>
    checks
      .filter(({ grade, skipped }) => !skipped && grade < ALL_OK)
      .map(({ check, comments }) => {
        return `${check.id} | ${object_name}: ${comments?.map(({ summary }) => summary).join(', ')}`
      }),
  )
}

const idOf = (complaint: string) => complaint.split(' | ')[0] ?? ''

test('kube-score has nothing to say in any scenario but what is excepted, with a reason', () => {
  const all = scenarios.flatMap((scenario) =>
    complaints(renderScenario(scenario)).map((line) => ({ scenario, line })),
  )
  assert.deepEqual(
    all.filter(({ line }) => EXCEPTIONS[idOf(line)] === undefined),
    [],
  )
  const used = new Set(all.map(({ line }) => idOf(line)))
  assert.deepEqual(Object.keys(EXCEPTIONS).sort(), [...used].sort(), 'an exception nobody needs')
})

test('with a network policy the consuming pods are covered by it', () => {
  const lines = complaints(renderScenario('everything'))
  const uncovered = lines.filter((line) => line.startsWith('pod-networkpolicy'))
  assert.deepEqual(
    uncovered.map((line) => line.includes('transfers-test')),
    [true],
  )
})
