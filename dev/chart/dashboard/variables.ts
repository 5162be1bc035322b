interface Datasource {
  readonly type: string
  readonly uid: string
}

/** The selectors at the top: data source, namespace, release, topics. */
export function variables(datasource: Datasource): readonly unknown[] {
  return [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      current: {},
      hide: 0,
    },
    {
      ...query(datasource, 'namespace', 'label_values(onchain_consumer_build_info, namespace)'),
      label: 'Namespace',
    },
    {
      ...query(
        datasource,
        'release',
        'label_values(onchain_consumer_build_info{namespace="$namespace"}, pod)',
      ),
      label: 'Release',
      // A pod is named <Deployment>-<ReplicaSet>-<pod>.
      regex: '/^(.+)-[a-z0-9]+-[a-z0-9]+$/',
    },
    {
      ...query(
        datasource,
        'topic',
        'label_values(onchain_consumer_records_total{namespace="$namespace",pod=~"$release-[a-z0-9]+-[a-z0-9]+"}, topic)',
      ),
      label: 'Topic',
      multi: true,
      includeAll: true,
      allValue: '.+',
      current: { selected: true, text: ['All'], value: ['$__all'] },
    },
  ]
}

function query(datasource: Datasource, name: string, definition: string) {
  return {
    name,
    type: 'query',
    datasource,
    definition,
    query: { query: definition, refId: `variable-${name}` },
    // At each change of the time range, because pods and topics come and go.
    refresh: 2,
    sort: 1,
    current: {},
    hide: 0,
  }
}
