import assert from 'node:assert/strict'
import test from 'node:test'
import { manifests, ofKind, renderScenario, scenarios } from './tools/helm.ts'
import { notesOf } from './tools/notes.ts'

for (const scenario of scenarios) {
  test(`${scenario}: the commands of the notes name objects that were rendered`, () => {
    const notes = notesOf(scenario)
    const all = manifests(renderScenario(scenario))
    const deployment = ofKind(all, 'Deployment')?.metadata.name
    const named = [...notes.matchAll(/(deployment|service)\/(\S+)/g)]
    assert.ok(named.length >= 3, notes)
    for (const [, , name] of named) assert.equal(name, deployment)
    for (const [, namespace] of notes.matchAll(/(?:kubectl|helm) -n (\S+)/g)) {
      assert.equal(namespace, 'chain')
    }
    assert.equal(/scaledobject/.test(notes), ofKind(all, 'ScaledObject') !== undefined)
    assert.doesNotMatch(notes, /<no value>|%!|\n\n\n/)
  })
}

test('the notes say what KEDA will do, in figures', () => {
  const notes = notesOf('sasl-ssl-mtls-keda')
  assert.match(notes, /From 1 to 12 pods, by KEDA with the kafka trigger/)
  assert.match(notes, /150000 records of lag \(30 s at 5000 records a second\)/)
  assert.match(notes, /get hpa keda-hpa-transfers-onchain-consumer -w/)
})

test('the notes name Secrets and ConfigMaps that are not there, and can be told not to look', () => {
  const notes = notesOf('everything')
  assert.match(notes, /MISSING\n\s+- ConfigMap kafka-brokers does not exist/)
  assert.match(notes, /- Secret kafka-user does not exist/)
  assert.match(notes, /- Secret cluster-ca-cert does not exist/)
  assert.match(notes, /- Secret dead-letters does not exist/)
  assert.match(notes, /- Secret admin-token does not exist/)
  assert.match(notes, /- ConfigMap handlers does not exist/)
  assert.match(notesOf('dead-letters-kafka'), /- Secret own-kafka-ca-cert does not exist/)
  const sinks = [
    'config: { sinks: { db: { type: postgres, events: transfers } } }',
    'sinkSecrets: { db: { existingSecret: rows } }',
    'migrateJob: { enabled: true, sinkSecrets: { db: { existingSecret: owner } } }',
  ].join('\n')
  assert.match(notesOf('plain', sinks), /- Secret rows does not.*- Secret owner does not/s)
  assert.doesNotMatch(notesOf('everything', 'notes: { checkReferences: false }'), /MISSING/)
  assert.doesNotMatch(notesOf('plain'), /MISSING/)
})

/** What works and may surprise: values over the plain scenario, and the warning. */
const WARNINGS: ReadonlyArray<readonly [values: string, warning: RegExp]> = [
  ['', /deleted with the pod.*deadLetters\.existingClaim/s],
  [
    'config: { processing: { workers: auto } }',
    /only the cores of the node limit it.*config\.processing\.maxWorkers/s,
  ],
  [
    `fullnameOverride: ${'a'.repeat(47)}\nmonitoring: { dashboard: { enabled: true } }`,
    /a{47} has more than 46 characters.*shorter fullnameOverride/s,
  ],
  ['config: { processing: { workers: 8 } }', /8 worker.* 2048 MiB of heap.*limit is 768Mi/s],
  ['', /Nothing scales this release: replicas stay 1/],
  ['replicaCount: 5\nautoscaling: { partitions: 4 }', /5 pods of 1 consumer\(s\) for 4 partitions/],
  [
    'autoscaling: { mode: keda, lagPerPod: 9, partitions: 2, minReplicas: 2 }',
    /autoscaler has nothing to do/,
  ],
  ['autoscaling: { mode: keda, lagPerPod: 9, partitions: 2, minReplicas: 0 }', /Scale to zero/],
  [
    'autoscaling: { mode: keda, trigger: metrics-api, lagPerPod: 9, partitions: 2 }\nnetworkPolicy: { enabled: true, ingressFrom: [{ podSelector: {} }] }',
    /KEDA asks the pods.*networkPolicy\.ingressFrom/,
  ],
  ['autoscaling: { mode: hpa, partitions: 2 }', /scales on CPU/],
  ['staticMembership: true', /without an owner\s+for config\.kafka\.sessionTimeout \(45s\)/],
  ['config: { kafka: { autoOffsetReset: latest } }', /records from before/],
  ['resources: { limits: { memory: null } }', /No memory limit/],
]

for (const [values, warning] of WARNINGS) {
  test(`the notes warn: ${warning.source} (${values.replaceAll('\n', ', ')})`, () => {
    assert.match(notesOf('plain', values), warning)
  })
}
