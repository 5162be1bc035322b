import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'

const FEATURES = ['partitionSync', 'scalingHold', 'events', 'deletionCost'] as const

/** Settings that the features of the kubernetes section require. */
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
        `set ${variable} in the pod from the downward API (fieldRef: {fieldPath: ${field}}), or turn off ${because}`,
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
        `name the ${kind} whose maximum follows the partitions`,
      ),
    )
  }
  if (kubernetes.scalingHold.enabled && !(enabled && kind === 'ScaledObject')) {
    findings.push(
      problem(
        ['kubernetes.scalingHold.enabled', 'kubernetes.partitionSync.enabled'],
        undefined,
        'is true, but the partition sync maintains no ScaledObject',
        'set kubernetes.partitionSync.enabled, kind ScaledObject and its name, or turn it off',
      ),
    )
  }
  return findings
}
