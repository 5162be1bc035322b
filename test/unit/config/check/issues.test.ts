import assert from 'node:assert/strict'
import test from 'node:test'
import { loadYaml, problemsOf, textOf } from '../support.ts'

const unknownKeys = [
  ['kafka: {group_id: x}', 'kafka.group_id: is not a known key. Did you mean kafka.groupId?'],
  ['kafka: {group.id: x}', 'kafka.group.id: is not a known key. Did you mean kafka.groupId?'],
  [
    'kafka: {bootstrap.servers: x}',
    'kafka.bootstrap.servers: is not a known key. Did you mean kafka.brokers?',
  ],
  ['kafka: {tls: {ca: x}}', 'kafka.tls.ca: is not a known key. Did you mean kafka.tls.caFile?'],
  ['groupId: x', 'groupId: is not a known key. Did you mean kafka.groupId?'],
  ['brokers: x', 'brokers: is not a known key. Did you mean kafka.brokers?'],
  ['kafka: {zookeeper: x}', 'kafka.zookeeper: is not a known key.'],
] as const

for (const [yaml, expected] of unknownKeys) {
  test(`an unknown key is a problem: ${yaml}`, (t) => {
    assert.deepEqual(problemsOf(loadYaml(t, yaml)), [expected])
  })
}

test('an unknown key inside a list or map gets no suggestion from elsewhere', (t) => {
  const yaml = 'handlers: [{ path: ./a.ts, topic: x }]\nsinks: { a: { type: log, topics: x } }'
  const text = textOf(loadYaml(t, yaml))
  assert.match(
    text,
    /handlers\[0\]\.topic\n\s+is not a known key\.\n\s+Remedy: .*\{path, name, topics,/,
  )
  assert.doesNotMatch(text, /Did you mean/)
})

test("an unknown key in a handler's filter gets a suggestion", (t) => {
  const yaml = 'handlers: [{ path: ./a.ts, filter: { asets: [x] } }]'
  assert.deepEqual(problemsOf(loadYaml(t, yaml)), [
    'handlers[0].filter.asets: is not a known key. Did you mean handlers[0].filter.assets?',
  ])
})

test('a sink names its missing keys', (t) => {
  const yaml = 'sinks: { a: { type: file }, b: { type: kafka }, c: { type: fax }, d: 5 }'
  assert.deepEqual(problemsOf(loadYaml(t, yaml)), [
    'sinks.a.path: is missing',
    'sinks.b.topic: is missing',
    'sinks.c.type: is not among the choices',
    'sinks.d: is of the wrong type',
  ])
})

test('a key of another sink type names that type, and a near one what was meant', (t) => {
  const yaml = `sinks:
    a: { type: log, topic: x }
    b: { type: file, path: /x, tls: { verify: ca } }
    c: { type: kafka, topic: x, toppic: y }
    d: { topic: x }`
  const loaded = loadYaml(t, yaml)
  assert.deepEqual(problemsOf(loaded), [
    'sinks.a.topic: is for type kafka, and this sink is of type log',
    'sinks.b.tls: is for type kafka, and this sink is of type file',
    'sinks.c.toppic: is not a known key. Did you mean sinks.c.topic?',
    'sinks.d.type: is missing',
  ])
  assert.match(textOf(loaded), /Remedy: remove it, or write type: kafka/)
  assert.match(textOf(loaded), /Remedy: write one of log, file, kafka/)
})

test('the message of a wrong broker says exactly what is wrong', (t) => {
  const yaml = `kafka: {brokers: [a, "b:", "c:99999", "https://d:9092", "e f:1", "h:1", "h:1"]}`
  assert.deepEqual(problemsOf(loadYaml(t, yaml)), [
    'kafka.brokers[0]: has no port',
    'kafka.brokers[1]: has no port',
    'kafka.brokers[2]: has an invalid port',
    'kafka.brokers[3]: is a URL',
    'kafka.brokers[4]: is not a broker address',
    'kafka.brokers[6]: is named twice',
  ])
  assert.deepEqual(problemsOf(loadYaml(t, 'kafka: {brokers: "[::1]:9092,h.example:9093"}')), [])
  const ipv6 = 'kafka: {brokers: ["::1:9092", "2001:db8::1", "[::g]:1", "[1]:1", "[::1]"]}'
  assert.deepEqual(problemsOf(loadYaml(t, ipv6)), [
    'kafka.brokers[0]: is an IPv6 address without brackets',
    'kafka.brokers[1]: is an IPv6 address without brackets',
    'kafka.brokers[2]: is not a broker address',
    'kafka.brokers[3]: has an invalid IPv6 address',
    'kafka.brokers[4]: has no port',
  ])
  assert.deepEqual(problemsOf(loadYaml(t, 'kafka: {brokers: []}')), ['kafka.brokers: is empty'])
})

test('a wrong choice is answered with the choices and a suggestion', (t) => {
  const text = textOf(loadYaml(t, 'kafka: {securityProtocol: sasl_ssl}'))
  assert.match(text, /Did you mean SASL_SSL\?/)
  assert.match(text, /write one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL/)
})

test('wrong types name what is expected', (t) => {
  const text = textOf(loadYaml(t, 'http: {port: "80"}\nkafka: {consumers: [1]}\nflow: 5\n'))
  assert.match(
    text,
    /http\.port = "80"\n\s+is text, not a number\n\s+Remedy: write it without quotes/,
  )
  assert.match(text, /kafka\.consumers = \[1\]\n.*\n\s+Remedy: write an integer, 1 to 64/)
  assert.match(text, /flow = 5\n.*\n\s+Remedy: write a map of keys here/)
})

test('rules for topics are checked inside', (t) => {
  const yaml =
    'decode: {topics: [{pattern: "solana.*"}, {pattern: "a b"}, {pattern: c, format: xml}]}'
  assert.deepEqual(problemsOf(loadYaml(t, yaml)), [
    'decode.topics[1].pattern: is not a valid topic pattern',
    'decode.topics[2].format: is not among the choices',
  ])
  const right = loadYaml(t, 'decode: {topics: [{pattern: "solana.*", events: none}]}')
  assert.ok(right.ok)
  assert.deepEqual(right.config.decode.topics, [
    { pattern: 'solana.*', format: 'json', events: 'none' },
  ])
})
