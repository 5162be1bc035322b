import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'

const FEATURES = ['partitionSync', 'scalingHold', 'events', 'deletionCost'] as const

/** What a feature of the kubernetes section cannot do without. */
export function checkKubernetes({ kubernetes }: Settings): readonly Finding[] {
  const first = FEATURES.find((feature) => kubernetes[feature].enabled)
  if (first === undefined) return []
  const because = `kubernetes.${first}.enabled`
  const findings: Finding[] = []
  for (const [name, field] of [
    ['podName', 'metadata.name'],
    ['podNamespace', 'metadata.namespace'],
  ] as const) {
    if (kubernetes[name] !== undefined) continue
    const variable = name === 'podName' ? 'POD_NAME' : 'POD_NAMESPACE'
    findings.push(
      problem(
        [`kubernetes.${name}`, because],
        undefined,
        `is missing, and ${because} is true`,
        `set ${variable} in the pod by the downward API (fieldRef: {fieldPath: ${field}}), or leave ${because} off`,
      ),
    )
  }
  const { enabled, kind, name } = kubernetes.partitionSync
  if (enabled && name === undefined) {
    findings.push(
      problem(
        ['kubernetes.partitionSync.name', 'kubernetes.partitionSync.enabled'],
        undefined,
        'is missing, and kubernetes.partitionSync.enabled is true',
        `name the ${kind} whose maximum is to follow the partitions`,
      ),
    )
  }
  if (kubernetes.scalingHold.enabled && !(enabled && kind === 'ScaledObject')) {
    findings.push(
      problem(
        ['kubernetes.scalingHold.enabled', 'kubernetes.partitionSync.enabled'],
        undefined,
        'is true, and there is no ScaledObject that the partition sync keeps',
        'set kubernetes.partitionSync.enabled, kind ScaledObject and its name, or leave it off',
      ),
    )
  }
  return findings
}
