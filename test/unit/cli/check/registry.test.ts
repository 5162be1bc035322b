import assert from 'node:assert/strict'
import test from 'node:test'
import { createAuthority, issueServerCertificate } from '../../../../dev/kafka/certificates.ts'
import { registryProblems } from '../../../../src/cli/check/registry.ts'
import { configOrThrow } from '../../../../src/config/load/load.ts'
import { type Answer, startFakeRegistry } from '../../decode/registry/fake-registry.ts'

test('check asks the registry, and names it with the reason if it does not answer', async (t) => {
  let answer: Answer = [200, ['AVRO']]
  const { url, asked } = await startFakeRegistry(t, () => answer)
  const kafka = { KAFKA_BROKERS: 'b:9092', KAFKA_TOPICS: 'x', KAFKA_GROUP_ID: 'g' }
  const config = configOrThrow({ env: { ...kafka, OCC_DECODE_REGISTRY_URL: url } })
  assert.deepEqual(await registryProblems(config), [])
  answer = [401, { error_code: 40101, message: 'no' }]
  const [problem] = await registryProblems(config)
  assert.match(problem ?? '', /^The schema registry http.*decode\.registry\.url.*credentials/)
  assert.equal(asked.length, 2)
  assert.deepEqual(await registryProblems(configOrThrow({ env: kafka })), [])
})

test('a certificate of an unknown authority names the key for it, and nothing else', async (t) => {
  const ca = await createAuthority('own')
  const { certificate, key } = await issueServerCertificate({
    ...{ ca, commonName: 'registry', sans: ['127.0.0.1'] },
  })
  const { url } = await startFakeRegistry(t, () => [200, []], { cert: certificate, key })
  const env = { KAFKA_TOPICS: 'x', KAFKA_GROUP_ID: 'g', OCC_DECODE_REGISTRY_URL: url }
  const [problem = ''] = await registryProblems(configOrThrow({ env }))
  assert.match(
    problem,
    /\. Set decode\.registry\.caFile to the CA of its certificate\. The service/,
  )
  assert.doesNotMatch(problem, /use-system-ca/)
})
