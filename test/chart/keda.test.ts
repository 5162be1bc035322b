import assert from 'node:assert/strict'
import test from 'node:test'
import { at, manifests, ofKind, renderScenario, renderWith } from './tools/helm.ts'

/** KEDA's traps, each with the value that avoids it: what a user would see is in the names. */
const scaledObject = (scenario: string, values = '') =>
  ofKind(manifests(renderScenario(scenario, values)), 'ScaledObject')

const secured = scaledObject('sasl-ssl-mtls-keda')
const metadata = (name: string) => at(secured, `spec.triggers.0.metadata.${name}`)

test('the last pod comes too: the metric is not capped, the maximum is the partitions', () => {
  assert.equal(metadata('allowIdleConsumers'), 'true')
  assert.equal(at(secured, 'spec.maxReplicaCount'), 12)
})

test('the threshold is seconds of lag times what a pod handles, and never KEDA s default of 10', () => {
  assert.equal(metadata('lagThreshold'), '150000')
  const direct = scaledObject('sasl-ssl-mtls-keda', 'autoscaling: { lagPerPod: 777 }')
  assert.equal(at(direct, 'spec.triggers.0.metadata.lagThreshold'), '777')
  const large = 'autoscaling: { maxLagSeconds: 3600, recordsPerSecondPerPod: 50000 }'
  const [first] = [scaledObject('sasl-ssl-mtls-keda', large)]
  assert.equal(at(first, 'spec.triggers.0.metadata.lagThreshold'), '180000000')
})

test('a group without offsets starts for KEDA where it starts for the pods', () => {
  const policy = (reset: string) =>
    at(
      scaledObject('sasl-ssl-mtls-keda', `config: { kafka: { autoOffsetReset: ${reset} } }`),
      'spec.triggers.0.metadata.offsetResetPolicy',
    )
  assert.equal(metadata('offsetResetPolicy'), 'earliest')
  assert.equal(policy('latest'), 'latest')
  assert.equal(policy('none'), 'latest')
})

test('no lag is counted out, and an unknown offset does not take the last pod away', () => {
  assert.equal(metadata('scaleToZeroOnInvalidOffset'), 'false')
  assert.equal(metadata('excludePersistentLag'), 'false')
  assert.equal(metadata('ensureEvenDistributionOfPartitions'), 'false')
  assert.equal(metadata('limitToPartitionsWithLag'), 'false')
  assert.equal(at(secured, 'spec.minReplicaCount'), 1)
})

test('KEDA logs in with the Secrets of the pods, verifies the brokers, and asks for one topic', () => {
  assert.equal(metadata('topic'), 'solana.transfers')
  assert.equal(metadata('sasl'), 'scram_sha512')
  assert.equal(metadata('tls'), 'enable')
  assert.equal(metadata('unsafeSsl'), 'false')
  const all = manifests(renderScenario('sasl-ssl-mtls-keda'))
  const authentication = ofKind(all, 'TriggerAuthentication')
  assert.equal(at(secured, 'spec.triggers.0.authenticationRef.name'), authentication?.metadata.name)
  const references = at(authentication, 'spec.secretTargetRef') as Array<Record<string, string>>
  assert.deepEqual(
    references.map(({ parameter, name, key }) => `${parameter}=${name}/${key}`),
    [
      'username=kafka-user/username',
      'password=kafka-user/password',
      'ca=kafka-tls/ca.crt',
      'cert=kafka-tls/tls.crt',
      'key=kafka-tls/tls.key',
    ],
  )
})

test('an outage keeps the pods, flapping is damped, an uninstall of KEDA s object changes nothing', () => {
  assert.deepEqual(at(secured, 'spec.fallback'), {
    failureThreshold: 3,
    replicas: 1,
    behavior: 'currentReplicasIfHigher',
  })
  const behavior = at(secured, 'spec.advanced.horizontalPodAutoscalerConfig.behavior')
  assert.deepEqual(at(behavior, 'scaleUp.policies.0'), {
    type: 'Percent',
    value: 100,
    periodSeconds: 120,
  })
  assert.equal(at(behavior, 'scaleUp.stabilizationWindowSeconds'), 60)
  assert.deepEqual(at(behavior, 'scaleDown.policies.0'), {
    type: 'Pods',
    value: 1,
    periodSeconds: 300,
  })
  assert.equal(at(behavior, 'scaleDown.stabilizationWindowSeconds'), 600)
  assert.equal(at(secured, 'spec.advanced.restoreToOriginalReplicaCount'), false)
})

test('with several topics the lags add up, where the HPA would take the highest alone', () => {
  const all = scaledObject('everything')
  assert.deepEqual(at(all, 'spec.advanced.scalingModifiers'), {
    formula: 'topic_0 + topic_1',
    target: '50000',
    activationTarget: '24',
    metricType: 'AverageValue',
  })
  const triggers = at(all, 'spec.triggers') as unknown[]
  assert.deepEqual(
    triggers.map((trigger) => [at(trigger, 'name'), at(trigger, 'metadata.topic')]),
    [
      ['topic_0', 'solana.transfers'],
      ['topic_1', 'solana.dextrades'],
    ],
  )
})

test('a group of its own has triggers for its topics, and the group with the most lag decides', () => {
  const triggersOf = (handlers: string, topics: string) => {
    const object = scaledObject(
      'sasl-ssl-mtls-keda',
      `config: { kafka: { topics: [${topics}], groupId: app }, handlers: [${handlers}] }`,
    )
    const triggers = at(object, 'spec.triggers') as unknown[]
    return {
      formula: at(object, 'spec.advanced.scalingModifiers.formula'),
      triggers: triggers.map((one) =>
        ['name', 'metadata.consumerGroup', 'metadata.topic'].map((path) => at(one, path)).join(' '),
      ),
    }
  }
  const slack = '{ path: /b.ts, name: slack, group: own, topics: [solana.*] }'
  assert.deepEqual(triggersOf(`{ path: /a.ts }, ${slack}`, 'solana.a, tron.a'), {
    formula: '(topic_0 + topic_1 > own_0_topic_0 ? topic_0 + topic_1 : own_0_topic_0)',
    triggers: ['topic_0 app solana.a', 'topic_1 app tron.a', 'own_0_topic_0 app.slack solana.a'],
  })
  // With one topic each, the HPA takes the largest by itself.
  assert.deepEqual(triggersOf(`{ path: /a.ts, topics: tron.a }, ${slack}`, 'solana.a, tron.a'), {
    formula: undefined,
    triggers: ['topic_0 app tron.a', 'own_0_topic_0 app.slack solana.a'],
  })
  assert.deepEqual(triggersOf(slack, 'solana.a').triggers, ['own_0_topic_0 app.slack solana.a'])
})

test('brokers out of a ConfigMap reach KEDA by the variable of the container', () => {
  const all = manifests(renderScenario('everything'))
  const trigger = at(ofKind(all, 'ScaledObject'), 'spec.triggers.0.metadata')
  assert.equal(at(trigger, 'bootstrapServers'), undefined)
  const variable = at(trigger, 'bootstrapServersFromEnv')
  const env = at(ofKind(all, 'Deployment'), 'spec.template.spec.containers.0.env') as unknown[]
  const found = env.find((entry) => at(entry, 'name') === variable)
  assert.deepEqual(at(found, 'valueFrom.configMapKeyRef'), {
    name: 'kafka-brokers',
    key: 'bootstrap',
  })
  const container = at(ofKind(all, 'Deployment'), 'spec.template.spec.containers.0.name')
  assert.equal(
    at(ofKind(all, 'ScaledObject'), 'spec.scaleTargetRef.envSourceContainerName'),
    container,
  )
})

test('metrics-api asks the Service of the release, without credentials of Kafka', () => {
  const all = manifests(renderScenario('minimal-rbac'))
  const trigger = at(ofKind(all, 'ScaledObject'), 'spec.triggers.0')
  const service = all.find(
    (each) => each.kind === 'Service' && at(each, 'spec.clusterIP') !== 'None',
  )
  assert.equal(
    at(trigger, 'metadata.url'),
    `http://${service?.metadata.name}.${service?.metadata.namespace}.svc:${at(service, 'spec.ports.0.port')}/scale`,
  )
  assert.equal(at(trigger, 'metadata.valueLocation'), 'scalingLag')
  assert.equal(at(trigger, 'metadata.targetValue'), '50000')
  assert.equal(ofKind(all, 'TriggerAuthentication'), undefined)
})

test('each member of a pod needs a partition: the maximum is divided by them and rounded up', () => {
  const all = manifests(renderScenario('hpa'))
  assert.equal(at(ofKind(all, 'HorizontalPodAutoscaler'), 'spec.maxReplicas'), 13)
})

test('an autoscaler owns the replicas: an upgrade does not write them back', () => {
  const replicas = (values: string) => at(ofKind(renderWith(values), 'Deployment'), 'spec.replicas')
  assert.equal(replicas('replicaCount: 3'), 3)
  assert.equal(replicas('autoscaling: { mode: keda, partitions: 4, lagPerPod: 9 }'), undefined)
  assert.equal(replicas('autoscaling: { mode: hpa, partitions: 4 }'), undefined)
})
