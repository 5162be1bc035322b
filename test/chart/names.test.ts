import assert from 'node:assert/strict'
import test from 'node:test'
import {
  at,
  chart,
  helm,
  KUBERNETES,
  type Manifest,
  manifests,
  ofKind,
  rendered,
  scenarioFile,
} from './tools/helm.ts'
import { validate } from './tools/validate.ts'

type Values = Readonly<Record<string, unknown>>

/** A release of any name in any namespace, with everything that has a name. */
function install(release: string, values: Values = {}, namespace = 'chain') {
  const where = ['--namespace', namespace, '--kube-version', KUBERNETES]
  const given = ['--values', scenarioFile('everything'), '--values', '-']
  const serviceAccount = { name: '' }
  const own = {
    fullnameOverride: '',
    serviceAccount,
    monitoring: { rules: { enabled: true } },
    ...values,
  }
  return helm(['template', release, chart, ...where, ...given], JSON.stringify(own))
}

const installed = (release: string, values: Values = {}, namespace = 'chain') =>
  manifests(rendered(install(release, values, namespace)))

/** The longest name that helm takes. */
const LONG = 'production-europe-west-solana-and-tron-transfers-2026'

test('a release with a name as long as helm takes has valid names, and two of one namespace have none in common', () => {
  const jobs = { redriveJob: { enabled: true } }
  const all = installed(LONG, jobs)
  for (const { kind, metadata } of all) {
    assert.ok(metadata.name.length <= (kind === 'CronJob' ? 52 : 63), `${kind} ${metadata.name}`)
    assert.match(metadata.name, /^[a-z][-a-z0-9]*[a-z0-9]$/)
  }
  assert.deepEqual(validate(all, KUBERNETES), [])
  const named = (each: Manifest) => `${each.kind} ${each.metadata.name}`
  const others = new Set(installed(`${LONG.slice(0, -4)}2027`, jobs).map(named))
  const shared = all.map(named).filter((name) => others.has(name))
  assert.deepEqual(shared, [])
})

/** As a ReplicaSet names its pods: of the name and the hash, the first 58 characters stay. */
function podOf(deployment: string, hash = '5d4f8b7c9d'): string {
  return `${`${deployment}-${hash}-`.slice(0, 58)}x7k2p`
}

for (const length of [20, 46, 47, 52, 57, 58, 63]) {
  test(`alerts and the trigger know the pods of a name of ${length} characters, and no others`, () => {
    const name = 'a'.repeat(length)
    const prometheus = { serverAddress: 'http://p:9090' }
    const autoscaling = { minReplicas: 1, trigger: 'prometheus', keda: { prometheus } }
    const all = installed('transfers', { fullnameOverride: name, autoscaling })
    const query = at(ofKind(all, 'ScaledObject'), 'spec.triggers.0.metadata.query')
    const rules = JSON.stringify(ofKind(all, 'PrometheusRule'))
    for (const text of [String(query), rules.replaceAll('\\"', '"')]) {
      const [, pattern = ''] = /pod=~"([^"]+)"/.exec(text) ?? assert.fail(text)
      const pods = new RegExp(`^(?:${pattern})$`)
      assert.match(podOf(name), pods)
      assert.match(podOf(name, '7d8f9c4b5'), pods)
      assert.doesNotMatch(podOf(`b${name.slice(1)}`), pods)
    }
  })
}

for (const release of ['1password', 'team.transfers', '4711']) {
  test(`a release ${release} is refused with the remedy, and works with it`, () => {
    const { status, stderr } = install(release)
    assert.notEqual(status, 0)
    assert.match(stderr, new RegExp(`the release "${release}" makes the name ${release}-`))
    assert.match(stderr, /Remedy: write such a name into fullnameOverride/)
    assert.ok(installed(release, { fullnameOverride: 'transfers' }).length > 0)
  })
}

for (const name of ['on', 'null']) {
  test(`a name that YAML reads as something else stays a text: ${name}`, () => {
    const all = installed('transfers', { fullnameOverride: name })
    assert.deepEqual(validate(all, KUBERNETES), [])
    assert.equal(ofKind(all, 'Deployment')?.metadata.name, name)
  })
}

test('names of digits alone stay texts', () => {
  const values = {
    ...{ fullnameOverride: 'transfers', nameOverride: '4711', priorityClassName: '12' },
    serviceAccount: { name: '13' },
    brokers: { existingConfigMap: '14', key: '15' },
    sasl: { existingSecret: '16', usernameKey: '17', passwordKey: '18' },
    tls: { existingSecret: '19', existingCaSecret: '20' },
    admin: { existingSecret: '21' },
    schemas: { existingConfigMaps: ['22'] },
    handlerFiles: { existingConfigMaps: ['23'] },
    deadLetters: { postgres: { existingSecret: '24' } },
  }
  assert.deepEqual(validate(installed('123', values, '2026'), KUBERNETES), [])
})
