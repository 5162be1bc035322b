const folder = 'dev/k8s/values'

export interface Component {
  readonly name: string
  /** In the header of its kustomization. */
  readonly about: string
  /** Components whose values are in force too when the difference is taken; listed before it. */
  readonly over: readonly string[]
}

/** Values of the base; each component has a file of its own beside it, named like it. */
export const baseValues = `${folder}/base.yaml`

/** In the order in which a kustomization lists them. */
export const components: readonly Component[] = [
  {
    name: 'credentials',
    about: 'SASL_SSL with client certificates, from the Secrets kafka-user and kafka-tls.',
    over: [],
  },
  {
    name: 'keda',
    about: 'A ScaledObject that scales on the lag, with the Secrets of `credentials`.',
    over: ['credentials'],
  },
  {
    name: 'hpa',
    about: 'A HorizontalPodAutoscaler on CPU, where there is no KEDA. Not together with `keda`.',
    over: [],
  },
  {
    name: 'monitoring',
    about: 'For the Prometheus operator.',
    over: [],
  },
  {
    name: 'cluster-api',
    about:
      'Role and token for partition sync and Events, with `keda`; config.yaml switches them on.',
    over: ['credentials', 'keda'],
  },
]

/** Value files of the base with these components, in order. */
export function valueFiles(names: readonly string[]): string[] {
  return [baseValues, ...names.map((name) => `${folder}/${name}.yaml`)]
}
