import assert from 'node:assert/strict'
import test from 'node:test'
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
