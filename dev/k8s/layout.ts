const folder = 'dev/k8s/values'

export interface Component {
  readonly name: string
  /** For the header of its kustomization. */
  readonly about: string
  /** Components that this one builds on: their values apply when the difference is computed. */
  readonly over: readonly string[]
}

/** Values of the base; each component has a file beside it, with the component's name. */
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
