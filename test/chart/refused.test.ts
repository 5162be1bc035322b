import assert from 'node:assert/strict'
import test from 'node:test'
import { scenarioFile, template } from './tools/helm.ts'

/** What helm says about these values over a scenario, or over none; fails when it takes them. */
function refusal(values: string, scenario: string | null = 'plain'): string {
  const { status, stderr } = template(scenario === null ? [] : [scenarioFile(scenario)], values)
  assert.notEqual(status, 0, 'helm took these values')
  return stderr
}

const keda = 'autoscaling: { mode: keda, partitions: 4, lagPerPod: 100'

/** Mistakes that the chart tells itself: values, then the key and the remedy that must be named. */
const MISTAKES: ReadonlyArray<
  readonly [what: string, values: string, key: RegExp, remedy: RegExp]
> = [
  [
    'no topics',
    'config: { kafka: { topics: "" } }',
    /config\.kafka\.topics is missing/,
    /--set config/,
  ],
  [
    'no brokers',
    'config: { kafka: { brokers: "" } }',
    /config\.kafka\.brokers is missing/,
    /host:port/,
  ],
  [
    'the pod itself as broker',
    'config: { kafka: { brokers: ["localhost:9092"] } }',
    /"localhost:9092" is the pod itself/,
    /DNS name/,
  ],
  [
    'a group of its own without a name',
    'config: { handlers: [{ path: /a.ts, group: own }] }',
    /config\.handlers\[0\]\.name is missing/,
    /name the handler here/,
  ],
  [
    'brokers twice',
    'brokers: { existingConfigMap: b }',
    /is set together with config\.kafka\.brokers/,
    /remove one/,
  ],
  [
    'a property the chart cannot see',
    'config: { kafka: { properties: { security.protocol: SASL_SSL } } }',
    /properties\."security\.protocol" = "SASL_SSL"/,
    /config\.kafka\.securityProtocol/,
  ],
  [
    'a variable the autoscaler cannot see',
    'extraEnv: [{ name: KAFKA_TOPICS, value: a }]',
    /extraEnv KAFKA_TOPICS/,
    /config\.kafka\.topics/,
  ],
  [
    'one name of a static member for all pods',
    'config: { kafka: { groupInstanceId: transfers-0 } }',
    /groupInstanceId = "transfers-0" is one name for all pods/,
    /set staticMembership/,
  ],
  [
    'the same as a property',
    'config: { kafka: { properties: { group.instance.id: transfers-0 } } }',
    /"group\.instance\.id" = "transfers-0" is one name for all pods/,
    /set staticMembership/,
  ],
  [
    'the same as a variable',
    'extraEnv: [{ name: KAFKA_GROUP_INSTANCE_ID, value: transfers-0 }]',
    /extraEnv KAFKA_GROUP_INSTANCE_ID = "transfers-0" is one name for all pods/,
    /set staticMembership/,
  ],
  [
    'static members that come and go with the lag',
    `${keda} }\nstaticMembership: true`,
    /staticMembership is set together with autoscaling\.mode = keda/,
    /mode to none/,
  ],
  [
    'SASL without a Secret',
    'config: { kafka: { securityProtocol: SASL_SSL, sasl: { mechanism: PLAIN } } }',
    /sasl\.existingSecret is missing.*SASL_SSL/,
    /kubectl create secret/,
  ],
  [
    'SASL without a mechanism',
    'config: { kafka: { securityProtocol: SASL_SSL } }\nsasl: { existingSecret: s }',
    /sasl\.mechanism is missing/,
    /SCRAM-SHA-512/,
  ],
  [
    'a Secret for nothing',
    'sasl: { existingSecret: s }',
    /"s" would not be used.*PLAINTEXT/,
    /SASL_SSL/,
  ],
  [
    'certificates for nothing',
    'tls: { existingSecret: t }',
    /"t" would not be used.*PLAINTEXT/,
    /SASL_SSL or SSL/,
  ],
  [
    'a pod killed while it drains',
    'config: { flow: { drain: 5m } }',
    /terminationGracePeriodSeconds = 45 .*drain = 5m/,
    /write 310 or more/,
  ],
  [
    'a disk that ends before the file',
    'deadLetters: { sizeLimit: 512Mi }',
    /sizeLimit = 512Mi .*maxBytes = 1GiB/,
    /raise it/,
  ],
  [
    'more records in memory than there is memory',
    'config: { flow: { maxBytes: 1GiB } }',
    /config\.flow\.maxBytes = 1GiB is not below resources\.limits\.memory = 768Mi/,
    /lower it/,
  ],
  [
    'a pod that is evicted before the file ends',
    'config: { deadLetters: { file: { maxBytes: 5GiB } } }\ndeadLetters: { sizeLimit: 10Gi }',
    /ephemeral-storage = 3Gi is not above config\.deadLetters\.file\.maxBytes = 5GiB/,
    /raise it.*existingClaim/,
  ],
  [
    'a folder that nobody can write',
    'config: { deadLetters: { file: { folder: /letters } } }',
    /folder = "\/letters" is on the root file system/,
    /deadLetters\.existingClaim/,
  ],
  [
    'a redrive of what it cannot see',
    'redriveJob: { enabled: true }',
    /redriveJob\.enabled cannot see the files/,
    /kubectl exec in the pods/,
  ],
  [
    'a claim for nothing',
    'config: { deadLetters: { target: kafka } }\ndeadLetters: { existingClaim: c }',
    /"c" would not be used.*target is kafka/,
    /set that to file/,
  ],
  [
    'a database without its address',
    'config: { deadLetters: { target: postgres } }',
    /deadLetters\.postgres\.existingSecret is missing/,
    /kubectl create secret generic dead-letters --from-literal=url=/,
  ],
  [
    'a sink without its database',
    'config: { sinks: { db: { type: postgres, events: transfers } } }',
    /sinkSecrets\.db is missing/,
    /kubectl create secret generic db --from-literal=url=/,
  ],
  [
    'a webhook without its address',
    'config: { sinks: { hook: { type: webhook, template: slack } } }',
    /sinkSecrets\.hook is missing/,
    /kubectl create secret generic hook --from-literal=url=/,
  ],
  [
    'a database of a sink that is none',
    'config: { sinks: { db: { type: log } } }\nsinkSecrets: { db: { existingSecret: d } }',
    /sinkSecrets\.db would not be used/,
    /remove the Secret/,
  ],
  [
    'more connections than the sink allows, those of an upgrade included',
    `${keda} }\nconfig: { sinks: { db: { type: postgres, events: transfers, connectionLimit: 9 } } }\nsinkSecrets: { db: { existingSecret: d } }`,
    /connectionLimit = 9 is below the 10 connections of 5 pods.*2 each/,
    /lower maxConnections/,
  ],
  [
    'tables for no sink',
    'migrateJob: { enabled: true }',
    /migrateJob\.enabled has no table to make/,
    /events/,
  ],
  [
    'the Secret of an owner for no sink',
    'migrateJob: { sinkSecrets: { db: { existingSecret: owner } } }',
    /migrateJob\.sinkSecrets\.db takes the place of sinkSecrets\.db, which is missing/,
    /name a sink of sinkSecrets/,
  ],
  [
    'a redrive of nothing',
    'redriveJob: { enabled: true, args: null }\ndeadLetters: { existingClaim: c }',
    /redriveJob\.args is empty/,
    /\[redrive, --yes\]/,
  ],
  [
    'a replay of no range',
    'replayJob: { enabled: true, from: "2026-01-31T12:00:00Z" }\ndeadLetters: { existingClaim: c }',
    /replayJob\.from and replayJob\.to/,
    /write both, with the zone/,
  ],
  [
    'a replay whose dead letters would be lost with its pod',
    'replayJob: { enabled: true, from: "2026-01-31T12:00:00Z", to: "2026-01-31T13:00:00Z" }',
    /replayJob\.enabled would keep dead letters on the disk of its own pod/,
    /deadLetters\.existingClaim/,
  ],
  [
    'a policy that closes the way to the database',
    'config: { sinks: { db: { type: postgres, events: transfers } } }\nsinkSecrets: { db: { existingSecret: d } }\nnetworkPolicy: { enabled: true }',
    /networkPolicy\.sinkPorts is missing/,
    /\[5432\]/,
  ],
  [
    'the same, with a file that the chart does not mount',
    'config: { offsets: { store: postgres, postgres: { urlFile: /db/url } } }\nnetworkPolicy: { enabled: true }',
    /networkPolicy\.sinkPorts is missing/,
    /\[5432\]/,
  ],
  [
    'a database for nothing',
    'deadLetters: { postgres: { existingSecret: p } }',
    /"p" would not be used.*target is file/,
    /set that to postgres/,
  ],
  [
    'a database that a policy shuts out',
    'config: { deadLetters: { target: postgres } }\ndeadLetters: { postgres: { existingSecret: p } }\nnetworkPolicy: { enabled: true }',
    /networkPolicy\.deadLettersPorts is missing/,
    /\[5432\]/,
  ],
  [
    'a login for no other cluster',
    'config: { deadLetters: { target: kafka } }\ndeadLetters: { kafka: { sasl: { existingSecret: k } } }',
    /the Secret "k" would not be used/,
    /config\.deadLetters\.kafka\.brokers/,
  ],
  [
    'another cluster without its login',
    'config: { deadLetters: { target: kafka, kafka: { brokers: ["b:1"], securityProtocol: SASL_SSL, sasl: { mechanism: PLAIN } } } }',
    /deadLetters\.kafka\.sasl\.existingSecret is missing/,
    /kubectl create secret/,
  ],
  [
    'another cluster without a mechanism',
    'config: { deadLetters: { target: kafka, kafka: { brokers: ["b:1"], securityProtocol: SASL_SSL } } }\ndeadLetters: { kafka: { sasl: { existingSecret: k } } }',
    /deadLetters\.kafka\.sasl\.mechanism is missing/,
    /SCRAM-SHA-512/,
  ],
  [
    'certificates that another cluster does not ask for',
    'config: { deadLetters: { target: kafka, kafka: { brokers: ["b:1"] } } }\ndeadLetters: { kafka: { tls: { existingSecret: k } } }',
    /deadLetters\.kafka\.tls\.existingSecret = "k" would not be used.*PLAINTEXT/,
    /SASL_SSL or SSL/,
  ],
  [
    'a target the chart cannot see',
    'extraEnv: [{ name: OCC_DEAD_LETTERS_TARGET, value: postgres }]',
    /extraEnv OCC_DEAD_LETTERS_TARGET/,
    /config\.deadLetters\.target/,
  ],
  [
    'a port that no probe asks',
    'extraEnv: [{ name: HTTP_PORT, value: "9000" }]',
    /extraEnv HTTP_PORT would be seen by the pods, but not by the chart/,
    /set config\.http\.port/,
  ],
  [
    'a right that nobody gave',
    'extraEnv: [{ name: OCC_KUBERNETES_EVENTS_ENABLED, value: "true" }]',
    /extraEnv OCC_KUBERNETES_EVENTS_ENABLED/,
    /set kubernetes\.events\.enabled/,
  ],
  [
    'an address that no probe reaches',
    'config: { http: { host: 127.0.0.1 } }',
    /config\.http\.host = "127\.0\.0\.1" is the pod itself/,
    /remove the key/,
  ],
  [
    'a broker without a port, in a text',
    'config: { kafka: { brokers: "a:9092,b" } }',
    /config\.kafka\.brokers = "b" is not host:port/,
    /write such an address/,
  ],
  [
    'a port that there is not',
    'config: { kafka: { brokers: ["a:99999"] } }',
    /"a:99999" is not host:port, with a port up to 65535/,
    /write such an address/,
  ],
  [
    'an annotation of the chart',
    'podAnnotations: { checksum/config: a }',
    /podAnnotations\."checksum\/config" is an annotation that the chart writes itself/,
    /give it another name/,
  ],
  [
    'a tag that is a number',
    'image: { tag: 20260131 }',
    /image\.tag = 20260131 is a number/,
    /quotes.*--set-string/,
  ],
  [
    'a section of the service at the root',
    'kafka: { topics: [a] }',
    /kafka is not a key of this chart/,
    /write config\.kafka\./,
  ],
  [
    'a key of the service in the section of the same name',
    'deadLetters: { target: kafka }',
    /deadLetters\.target is not a key of this chart/,
    /write config\.deadLetters\.target/,
  ],
  [
    'a key that other charts have',
    'autoscaling: { maxReplicas: 5 }',
    /autoscaling\.maxReplicas is not a key of this chart/,
    /write autoscaling\.partitions/,
  ],
  [
    'a handler that nothing mounts',
    'config: { handlers: [{ path: /etc/onchain-consumer/handlers/whale.ts }] }',
    /config\.handlers\[0\]\.path = ".*whale\.ts" is a file that nothing mounts/,
    /handlerFiles\.existingConfigMaps/,
  ],
  [
    'a handler beside the configuration',
    'config: { handlers: [{ path: ./whale.ts }] }\nhandlerFiles: { files: { whale.ts: x } }',
    /config\.handlers\[0\]\.path = "\.\/whale\.ts" begins in the folder of the configuration/,
    /write \/etc\/onchain-consumer\/handlers\/whale\.ts/,
  ],
  [
    'a list that nothing mounts',
    'config: { filter: { addressesFile: /etc/onchain-consumer/handlers/a.txt } }\nhandlerFiles: { files: { b.txt: x } }',
    /config\.filter\.addressesFile = ".*a\.txt" is a file that nothing mounts/,
    /handlerFiles\.files/,
  ],
  [
    'schemas that nothing mounts',
    'config: { decode: { protobuf: { schemas: /etc/onchain-consumer/schemas } } }',
    /config\.decode\.protobuf\.schemas = ".*schemas" is a folder that nothing mounts/,
    /schemas\.existingConfigMaps/,
  ],
  ['a port nobody knows', 'config: { http: { port: 0 } }', /config\.http\.port = 0/, /8080/],
  [
    'a feature without its Role',
    'config: { kubernetes: { events: { enabled: true } } }',
    /config\.kubernetes\.events\.enabled/,
    /set kubernetes\.events\.enabled/,
  ],
  [
    'a maximum that nobody has',
    'kubernetes: { partitionSync: { enabled: true } }',
    /partitionSync\.enabled has no maximum/,
    /autoscaling\.mode/,
  ],
  [
    'pods that nobody can hold',
    'kubernetes: { scalingHold: { enabled: true } }',
    /scalingHold\.enabled needs a ScaledObject/,
    /partitionSync\.enabled/,
  ],
  [
    'two monitors',
    'monitoring: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } }',
    /counted twice/,
    /switch one/,
  ],
  [
    'no partitions',
    'autoscaling: { mode: keda, lagPerPod: 1 }',
    /autoscaling\.partitions is missing/,
    /number of partitions/,
  ],
  [
    'nothing that says what a pod is worth',
    'autoscaling: { mode: keda, partitions: 4 }',
    /maxLagSeconds and .* are missing/,
    /autoscaling\.lagPerPod/,
  ],
  ['more pods than work', `${keda}, minReplicas: 5 }`, /minReplicas = 5 is above .* 4/, /lower it/],
  [
    'zero pods that must answer',
    `${keda}, minReplicas: 0, trigger: metrics-api }`,
    /minReplicas = 0 leaves no pod/,
    /trigger kafka/,
  ],
  [
    'zero pods for an HPA',
    'autoscaling: { mode: hpa, partitions: 4, minReplicas: 0 }',
    /minReplicas = 0 leaves no pod/,
    /write 1/,
  ],
  [
    'a Prometheus without an address',
    `${keda}, trigger: prometheus }`,
    /serverAddress is missing/,
    /http:\/\//,
  ],
  [
    'a lag metric without a name',
    'autoscaling: { mode: hpa, partitions: 4, lagPerPod: 9, hpa: { metric: pods } }',
    /hpa\.metricName is missing/,
    /adapter/,
  ],
  [
    'a percentage of nothing',
    'autoscaling: { mode: hpa, partitions: 4 }\nresources: { requests: { cpu: null } }',
    /resources\.requests\.cpu is missing/,
    /250m/,
  ],
  [
    'ports nobody named',
    'config: { kafka: { brokers: "" } }\nbrokers: { existingConfigMap: b }\nnetworkPolicy: { enabled: true }',
    /networkPolicy\.brokerPorts is missing/,
    /\[9093\]/,
  ],
]

for (const [what, values, key, remedy] of MISTAKES) {
  test(`refused, with the key and the remedy: ${what}`, () => {
    const said = refusal(values)
    assert.match(said, key)
    assert.match(said, new RegExp(`Remedy: .*${remedy.source}`, 'm'))
  })
}

test('KEDA s kafka trigger is refused where KEDA could not verify the brokers, or not log in', () => {
  const kafka = (inner: string) => refusal(`config: { kafka: ${inner} }`, 'sasl-ssl-mtls-keda')
  assert.match(kafka('{ tls: { verify: ca } }'), /verify = ca: KEDA .*\n\s*Remedy: .*metrics-api/)
  assert.match(
    kafka('{ sasl: { username: me } }'),
    /which KEDA cannot see.*\n\s*Remedy: .*sasl\.exist/,
  )
})

test('all mistakes are told at once', () => {
  const said = refusal('autoscaling: { mode: keda }', null)
  assert.match(said, /5 problem\(s\) in the values/)
  assert.match(said, /config\.kafka\.groupId is missing.\n *Remedy: name the consumer group/)
})

/** Mistakes that the schema finds, the service's own included. */
const AGAINST_SCHEMA: ReadonlyArray<readonly [values: string, said: RegExp]> = [
  ['config: { kafka: { groupID: x } }', /'groupID' not allowed/],
  ['config: { kafka: { consumers: 0 } }', /consumers': minimum: got 0, want 1/],
  ['config: { kafka: { securityProtocol: TLS } }', /must be one of 'PLAINTEXT', 'SSL'/],
  ['config: { kafka: { brokers: [rpk0] } }', /'rpk0' does not match/],
  ['config: { kafka: { sessionTimeout: 45 seconds } }', /'45 seconds' does not match/],
  ['config: { deadLetters: { file: { maxBytes: 1XB } } }', /'1XB' does not match/],
  ['config: { sink: { failedRecords: {} } }', /'failedRecords' not allowed/],
  ['config: { handlers: [{ path: a.ts, timeout: 5 secs }] }', /'5 secs' does not match/],
  ['config: { sinks: { a: { type: file, maxBytes: 1XB } } }', /'1XB' does not match/],
  ['config: { sinks: { a: { type: log, topic: x } } }', /'topic' not allowed/],
  ['handlerFiles: { files: { "a/b.ts": "" } }', /'a\/b.ts' does not match/],
  ['config: { fow: {} }', /'fow' not allowed/],
  ['autoscalling: {}', /'autoscalling' not allowed/],
  ['autoscaling: { mode: both }', /must be one of 'none', 'keda', 'hpa'/],
  ['autoscaling: { keda: { polling: 3 } }', /'polling' not allowed/],
  ['config: { kafka: { topics: [a, a] } }', /items at 0 and 1 are equal/],
  ['config: { kafka: { topics: ["a b"] } }', /'a b' does not match/],
  ['config: { deadLetters: { kafka: { brokers: [b] } } }', /'b' does not match/],
  ['image: { digest: abc }', /'abc' does not match/],
  ['redriveJob: { schedule: hourly }', /'hourly' does not match/],
  ['replicaCount: "three"', /got string, want integer/],
  ['extraEnv: [{ name: A, value: 1 }]', /extraEnv\/0\/value': got number, want string/],
  ['kubernetes: { events: null }', /at '\/kubernetes': missing property 'events'/],
  ['monitoring: null', /missing property 'monitoring'/],
  ['replicaCount: null', /missing property 'replicaCount'/],
  ['service: { port: null }', /at '\/service': missing property 'port'/],
  ['config: null', /missing property 'config'/],
  ['extraEnv: [{ value: "1" }]', /extraEnv\/0': missing property 'name'/],
]

for (const [values, said] of AGAINST_SCHEMA) {
  test(`refused by the schema: ${values}`, () => {
    assert.match(refusal(values), said)
  })
}
