import { at, manifests, NAMESPACE, ofKind, RELEASE, renderScenario } from './helm.ts'

export interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface RuleGroup {
  readonly name: string
  readonly rules: readonly Rule[]
}

/** The groups of the PrometheusRule that a scenario renders with these values over it. */
export function ruleGroups(scenario = 'monitoring', values = ''): readonly RuleGroup[] {
  const rule = ofKind(manifests(renderScenario(scenario, values)), 'PrometheusRule')
  if (rule === undefined) throw new Error(`${scenario} renders no PrometheusRule`)
  return at(rule, 'spec.groups') as readonly RuleGroup[]
}

/** A series of the scenario's release: its labels, and the values in promtool's notation. */
export function series(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = { namespace: NAMESPACE, pod: POD, ...labels }
  const text = Object.entries(all).map(([label, value]) => `${label}="${value}"`)
  return `${name}{${text.join(',')}}`
}

export const POD = `${RELEASE}-onchain-consumer-7d9c6b5f4-x2x8k`
