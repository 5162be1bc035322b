import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { root } from '../../dev/tools.ts'
import {
  at,
  chart,
  type Manifest,
  manifests,
  ofKind,
  renderScenario,
  renderWith,
  scenarios,
} from './tools/helm.ts'

const pod = (all: readonly Manifest[], path: string) =>
  at(ofKind(all, 'Deployment'), `spec.template.spec.${path}`)

test('a token is mounted, and a Role made, only while a feature needs it', () => {
  const plain = renderWith('')
  assert.equal(pod(plain, 'automountServiceAccountToken'), false)
  assert.equal(ofKind(plain, 'Role'), undefined)
  const costly = renderWith('kubernetes: { deletionCost: { enabled: true } }')
  assert.equal(pod(costly, 'automountServiceAccountToken'), true)
  assert.deepEqual(at(ofKind(costly, 'Role'), 'rules'), [
    { apiGroups: [''], resources: ['pods'], verbs: ['patch'] },
  ])
})

test('null in place of what may be empty is the same as nothing', () => {
  const given = (tls: object, more: object) =>
    JSON.stringify({
      tls: { existingSecret: 'kafka-tls', ...tls },
      config: {
        kafka: { securityProtocol: 'SSL' },
        sinks: { db: { type: 'postgres', table: 'rows', urlFile: '/db', columns: { id: 'id' } } },
      },
      ...more,
    })
  const none = { existingConfigMaps: null }
  const nothing = {
    ...{ fullnameOverride: null, sinkSecrets: null, handlerFiles: none, schemas: none },
    migrateJob: { sinkSecrets: null },
  }
  const tls = { existingCaSecret: null, passphraseKey: null }
  assert.deepEqual(renderWith(given(tls, nothing)), renderWith(given({}, {})))
})

test('what config has empty stays empty: peers and features can be switched off', () => {
  const all = renderWith(`
    kubernetes: { deletionCost: { enabled: true } }
    config: { http: { peers: [] }, kubernetes: { deletionCost: { enabled: false } } }
  `)
  const { 'config.yaml': text } = at(ofKind(all, 'ConfigMap'), 'data') as Record<string, string>
  const config = parse(text ?? '')
  assert.deepEqual(config.http, { peers: [] })
  assert.deepEqual(config.kubernetes.deletionCost, { enabled: false })
  assert.deepEqual(
    all.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name),
    [ofKind(all, 'Deployment')?.metadata.name],
  )
})

test('the rights of the partition sync are those on its own Lease and its own autoscaler', () => {
  const all = manifests(renderScenario('hpa'))
  const name = ofKind(all, 'HorizontalPodAutoscaler')?.metadata.name
  const rules = at(ofKind(all, 'Role'), 'rules') as Array<Record<string, string[]>>
  const rule = (resource: string) =>
    rules
      .filter(({ resources }) => resources?.includes(resource))
      .map(({ resourceNames, verbs }) => [resourceNames?.join(), verbs?.join()])
  assert.deepEqual(rule('horizontalpodautoscalers'), [[name, 'get,patch']])
  assert.deepEqual(rule('leases'), [[name, 'get,update']])
  assert.equal(ofKind(all, 'Lease')?.metadata.name, name, 'the Lease that nobody may create')
  assert.deepEqual(rule('scaledobjects'), [])
  assert.deepEqual(rule('pods'), [])
})

test('no Secret is an environment variable or mounted by subPath: a renewal must arrive', () => {
  for (const scenario of scenarios) {
    const all = manifests(renderScenario(scenario))
    const env = JSON.stringify(pod(all, 'containers.0.env'))
    assert.doesNotMatch(env, /secretKeyRef/)
    const mounts = pod(all, 'containers.0.volumeMounts') as Array<Record<string, string>>
    const parts = mounts.filter(({ subPath }) => subPath !== undefined).map(({ name }) => name)
    assert.ok(parts.every((name) => name === 'dead-letters'))
  }
})

test('a pod that waits for a broker or a topic is not ready, and is never restarted for it', () => {
  const all = renderWith('')
  const path = (probe: string) => pod(all, `containers.0.${probe}.httpGet.path`)
  assert.equal(path('startupProbe'), '/healthz')
  assert.equal(path('livenessProbe'), '/healthz')
  assert.equal(path('readinessProbe'), '/readyz')
  assert.equal(pod(all, 'containers.0.terminationMessagePolicy'), 'FallbackToLogsOnError')
})

test('only dead letters in files have a volume, a claim where one is named', () => {
  const volume = (all: readonly Manifest[]) =>
    (pod(all, 'volumes') as Array<Record<string, unknown>>).find(
      ({ name }) => name === 'dead-letters',
    )
  assert.deepEqual(volume(renderWith(''))?.['emptyDir'], { sizeLimit: '2Gi' })
  const shared = manifests(renderScenario('hpa'))
  assert.deepEqual(volume(shared)?.['persistentVolumeClaim'], { claimName: 'dead-letters' })
  assert.equal(volume(manifests(renderScenario('everything'))), undefined)
  const fallback = renderWith('config: { deadLetters: { target: kafka, fallback: file } }')
  assert.deepEqual(volume(fallback)?.['emptyDir'], { sizeLimit: '2Gi' })
  const { data } = ofKind(fallback, 'ConfigMap') as { data?: Record<string, string> }
  assert.match(
    Object.values(data ?? {}).join(),
    /folder: \/var\/lib\/onchain-consumer\/dead-letters/,
  )
})

test('a static member has the name of its pod, and pods are dynamic members unless asked otherwise', () => {
  const name = (values: string) => {
    const env = pod(renderWith(values), 'containers.0.env') as Array<Record<string, unknown>>
    return env.find((variable) => variable['name'] === 'KAFKA_GROUP_INSTANCE_ID')
  }
  assert.equal(name(''), undefined)
  const { valueFrom } = name('staticMembership: true') ?? {}
  assert.deepEqual(valueFrom, { fieldRef: { fieldPath: 'metadata.name' } })
})

test('commands inside a pod find its configuration by themselves', () => {
  const all = renderWith('')
  const env = pod(all, 'containers.0.env') as Array<Record<string, string>>
  const args = pod(all, 'containers.0.args') as string[]
  assert.equal(env.find(({ name }) => name === 'OCC_CONFIG')?.['value'], args.at(-1))
})

test('the pod of helm test is not a consumer: no Service, budget or policy selects it', () => {
  const all = manifests(renderScenario('everything'))
  const labels = at(
    all.find(({ kind }) => kind === 'Pod'),
    'metadata.labels',
  ) as Record<string, string>
  const selectors = [
    ...all.filter(({ kind }) => kind === 'Service').map((each) => at(each, 'spec.selector')),
    at(ofKind(all, 'PodDisruptionBudget'), 'spec.selector.matchLabels'),
    at(ofKind(all, 'Deployment'), 'spec.selector.matchLabels'),
  ] as Array<Record<string, string>>
  for (const selector of selectors) {
    assert.ok(Object.entries(selector).some(([name, value]) => labels[name] !== value))
    assert.equal(
      Object.keys(selector).some((name) => /version|chart/.test(name)),
      false,
    )
  }
  const [chosen] = at(ofKind(all, 'NetworkPolicy'), 'spec.podSelector.matchExpressions') as Array<{
    readonly values: readonly string[]
  }>
  assert.ok(!chosen?.values.includes(labels['app.kubernetes.io/component'] ?? ''))
})

test('the pod of a redrive is not a consumer, but has the same files', () => {
  const all = manifests(renderScenario('everything'))
  const job = 'spec.jobTemplate.spec.template'
  const redrive = (path: string) => at(ofKind(all, 'CronJob'), `${job}.${path}`)
  const selector = at(ofKind(all, 'Deployment'), 'spec.selector.matchLabels')
  assert.notDeepEqual(redrive('metadata.labels'), selector)
  for (const path of ['containers.0.volumeMounts', 'containers.0.env', 'volumes']) {
    assert.deepEqual(redrive(`spec.${path}`), pod(all, path))
  }
  assert.equal((redrive('spec.containers.0.args') as string[])[0], 'dlq')
})

test('a replay is tried again only where a new pod would continue it', () => {
  const range = 'from: "2026-01-31T12:00:00Z", to: "2026-01-31T13:00:00Z"'
  const limitOf = (values: string) => {
    const all = renderWith(
      `replayJob: { enabled: true, ${range}${values} }\ndeadLetters: { existingClaim: c }`,
    )
    return at(ofKind(all, 'Job'), 'spec.backoffLimit')
  }
  assert.equal(limitOf(''), 0)
  assert.equal(limitOf(', existingClaim: progress'), 6)
  assert.equal(limitOf(', existingClaim: progress, dryRun: true'), 0)
})

test('the pod that makes the tables has the files of a consumer, and is another Job for another configuration', () => {
  const all = manifests(renderScenario('everything'))
  const job = all.find(
    ({ kind, metadata }) => kind === 'Job' && /-migrate-\w{8}$/.test(metadata.name),
  )
  const migrating = (path: string) => at(job, `spec.template.${path}`)
  assert.notDeepEqual(
    migrating('metadata.labels'),
    at(ofKind(all, 'Deployment'), 'spec.selector.matchLabels'),
  )
  for (const path of ['containers.0.volumeMounts', 'containers.0.env']) {
    assert.deepEqual(migrating(`spec.${path}`), pod(all, path))
  }
  // But for the user of the database: the owner of the tables.
  const ownSecret = JSON.stringify(migrating('spec.volumes')).replace('-db-owner"', '-db"')
  assert.deepEqual(JSON.parse(ownSecret), pod(all, 'volumes'))
  assert.match(JSON.stringify(migrating('spec.volumes')), /"transfers-db-owner"/)
  assert.deepEqual(migrating('spec.containers.0.args'), ['migrate', '--yes'])
  // With --wait, a hook would begin when the pods are ready, and they wait for its tables.
  assert.equal(at(job, 'metadata.annotations'), undefined)
  const changed = manifests(renderScenario('everything', 'config: { log: { level: debug } }'))
  assert.notEqual(
    changed.find(({ kind, metadata }) => kind === 'Job' && /-migrate-/.test(metadata.name))
      ?.metadata.name,
    job?.metadata.name,
  )
})

test('a network policy is that of every pod of the release but the one of helm test', () => {
  const all = manifests(renderScenario('everything'))
  const component = 'app.kubernetes.io/component'
  const made = all.flatMap((each) => {
    const labels =
      at(each, 'spec.template.metadata.labels') ??
      at(each, 'spec.jobTemplate.spec.template.metadata.labels')
    return labels === undefined ? [] : [(labels as Record<string, string>)[component]]
  })
  const [chosen] = at(ofKind(all, 'NetworkPolicy'), 'spec.podSelector.matchExpressions') as Array<{
    readonly values: readonly string[]
  }>
  assert.deepEqual(chosen?.values.toSorted(), made.toSorted())
})

test('a network policy opens the ports of the brokers, and the API server only for who asks it', () => {
  const ports = (values: string) =>
    at(
      ofKind(renderWith(`networkPolicy: { enabled: true }\n${values}`), 'NetworkPolicy'),
      'spec.egress',
    )
  const text = JSON.stringify(ports('config: { kafka: { brokers: "a:9093,b:9094,c:9094" } }'))
  assert.deepEqual(
    text.match(/"port":\d+/g),
    ['53', '53', '9093', '9094'].map((port) => `"port":${port}`),
  )
  const letters = 'target: kafka, kafka: { brokers: ["c:9095"] }'
  const both = `config: { kafka: { brokers: ["a:9093"] }, deadLetters: { ${letters} } }`
  assert.match(JSON.stringify(ports(both)), /"port":9093.*"port":9095/)
  assert.match(JSON.stringify(ports('kubernetes: { events: { enabled: true } }')), /"port":6443/)
})

test('a network policy opens the ports of addresses that the configuration has', () => {
  const sinks = [
    'hook: { type: webhook, url: "https://hooks.example.com/x" }',
    'plain: { type: webhook, url: "http://[2001:db8::1]/x" }',
    'copy: { type: kafka, topic: copy, brokers: "c:9095, d:9096" }',
    'lines: { type: log }',
  ]
  const config = `{ decode: { registry: { url: "https://r:8081/x" } }, sinks: { ${sinks.join(', ')} } }`
  const policy = ofKind(
    renderWith(`networkPolicy: { enabled: true }\nconfig: ${config}`),
    'NetworkPolicy',
  )
  const ports = JSON.stringify(at(policy, 'spec.egress')).match(/"port":\d+/g)
  for (const port of [8081, 443, 80, 9095, 9096])
    assert.ok(ports?.includes(`"port":${port}`), String(port))
})

test('pods that are all replaced at once have no numbers of a rolling update', () => {
  const deployment = ofKind(renderWith('updateStrategy: { type: Recreate }'), 'Deployment')
  assert.deepEqual(at(deployment, 'spec.strategy'), { type: 'Recreate' })
})

test('keys that somebody left empty end no template', () => {
  const lists = ['extraEnv', 'tolerations', 'affinity', 'commonLabels', 'podLabels', 'args']
  const values = [
    ...[...lists, 'podAnnotations', 'imagePullSecrets', 'updateStrategy'].map((key) => `${key}:`),
    'handlerFiles: { files: }',
    'migrateJob: { sinkSecrets: }',
    'monitoring: { rules: { disabled: , alertLabels: }, dashboard: { labels: } }',
  ]
  assert.doesNotThrow(() => renderScenario('everything', values.join('\n')))
})

test('no label is written twice, whatever labels are given', () => {
  const label = '{ release: prometheus, app.kubernetes.io/component: mine }'
  const values = [
    `commonLabels: ${label}\npodLabels: ${label}\nmonitoring:`,
    ...['serviceMonitor', 'rules', 'dashboard'].map(
      (name) => `  ${name}: { enabled: true, labels: ${label} }`,
    ),
    '  podMonitor: { enabled: false }',
  ]
  const text = renderScenario('everything', values.join('\n'))
  const faults = parseAllDocuments(text, { version: '1.1' }).flatMap(({ errors }) => errors)
  assert.deepEqual(faults.map(String), [])
  const service = ofKind(manifests(text), 'Service')
  assert.equal(at(service, 'metadata.labels.release'), 'prometheus')
})

test('the chart is of the version of the service', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const about = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8')) as Record<string, string>
  assert.equal(about['version'], version)
  assert.equal(about['appVersion'], version)
})
