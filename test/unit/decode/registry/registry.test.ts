import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createAuthority, issueServerCertificate } from '../../../../dev/kafka/certificates.ts'
import { createRegistry } from '../../../../src/decode/registry/registry.ts'
import type { RegistryOptions } from '../../../../src/decode/registry/request.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { type Answer, startFakeRegistry, unknown } from './fake-registry.ts'

const QUICK = { secondLook: 5, refusedFor: 60_000, firstPause: 5, longestPause: 10 }
const INT: Answer = [200, { schema: '"int"' }]

function open(t: TestContext, options: Partial<RegistryOptions> & { url: string }, times = QUICK) {
  const failures: string[] = []
  let answers = 0
  const hooks = {
    failed: ({ message }: Error) => void failures.push(message),
    answered: () => void answers++,
  }
  const registry = createRegistry({ timeout: 5_000, ...options }, hooks, times)
  t.after(() => registry.close())
  return { registry, failures, answers: () => answers }
}

test('each schema is loaded once, however many wait for it', async (t) => {
  const { url, asked } = await startFakeRegistry(t, () => INT)
  const { registry } = open(t, { url: `${url}/` })
  assert.throws(() => registry.schema(7), { code: 'OCC_REGISTRY_AWAY' })
  await Promise.all([registry.load(7), registry.load(7)])
  assert.equal(registry.load(7), null)
  assert.deepEqual(registry.schema(7), { type: 'AVRO', text: '"int"', references: [] })
  assert.deepEqual(asked, ['/schemas/ids/7'])
})

test('what a schema imports comes before it, each once, and a circle ends', async (t) => {
  const link = (name: string) => ({ name, subject: `${name}/of`, version: 2 })
  const of = (name: string, links: readonly string[]): Answer => [
    200,
    { schema: name, schemaType: 'PROTOBUF', references: links.map(link) },
  ]
  const answers: Record<string, Answer> = {
    '/schemas/ids/1': of('main', ['a', 'b']),
    '/subjects/a%2Fof/versions/2?deleted=true': of('a', ['b']),
    '/subjects/b%2Fof/versions/2?deleted=true': of('b', ['a']),
  }
  const { url, asked } = await startFakeRegistry(t, (path) => answers[path] ?? unknown)
  const { registry } = open(t, { url })
  await registry.load(1)
  const { type, text, references } = registry.schema(1)
  assert.deepEqual(
    [type, text, references.map(({ name }) => name)],
    ['PROTOBUF', 'main', ['b', 'a']],
  )
  assert.equal(asked.length, 3)
})

test('an import that the registry does not have is named, and what imports it', async (t) => {
  const references = [{ name: 'a', subject: 'a', version: 2 }]
  const { url } = await startFakeRegistry(t, (path) =>
    path === '/schemas/ids/1' ? [200, { schema: '"int"', references }] : unknown,
  )
  const { registry } = open(t, { url })
  await registry.load(1)
  assert.throws(() => registry.schema(1), {
    code: 'OCC_SCHEMA_UNKNOWN',
    message: /has no version 2 of a, which schema 1 imports$/,
  })
})

test('a registry that fails, answers nonsense or refuses the credentials is asked until it answers', async (t) => {
  const faults: Answer[] = [
    [500, { error_code: 50001, message: 'no database' }],
    [404, '<html>of a proxy</html>'],
    [200, 'no JSON'],
    [200, {}],
    [401, { error_code: 40101, message: 'who?' }],
    [302, ''],
  ]
  const { url } = await startFakeRegistry(t, () => faults.shift() ?? INT)
  const { registry, failures, answers } = open(t, { url })
  await registry.load(1)
  assert.equal(registry.schema(1).text, '"int"')
  assert.equal(failures.length, 6)
  assert.match(
    failures.join('\n'),
    /no database.*no answer of a schema registry.*200 without JSON, which.*credentials/s,
  )
  assert.ok(failures.every((text) => text.includes(url)))
  assert.equal(answers(), 1)
})

test('a registry that does not answer in time, or is not there, is asked again', async (t) => {
  let isSilent = true
  const { url } = await startFakeRegistry(t, () => {
    const given = isSilent ? null : INT
    isSilent = false
    return given
  })
  const slow = open(t, { url, timeout: 100 })
  await slow.registry.load(1)
  assert.match(slow.failures[0] ?? '', /no answer within 100 ms/)
  const { url: gone } = await startFakeRegistry(t, () => INT)
  const away = open(t, { url: gone.replace(/\d+$/, '1') })
  void away.registry.load(1)
  while (away.failures.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.match(away.failures[0] ?? '', /ECONNREFUSED/)
  assert.throws(() => away.registry.schema(1), { message: /ECONNREFUSED/ })
})

test('a registry that switches protocols has not answered, and is asked again', async (t) => {
  const { url, asked } = await startFakeRegistry(t, () => (asked.length < 2 ? [101, {}] : INT))
  const { registry, failures } = open(t, { url })
  await registry.load(1)
  assert.match(failures[0] ?? '', /closed the connection without an answer/)
  assert.equal(registry.schema(1).text, '"int"')
})

test('once closed, a request that is not answered is ended, and no other is made', async (t) => {
  const asking = Promise.withResolvers<void>()
  const { url, asked, closed } = await startFakeRegistry(t, () => {
    asking.resolve()
    return null
  })
  const { registry, failures } = open(t, { url, timeout: 3_600_000 })
  void registry.load(1)
  await asking.promise
  registry.close()
  await closed()
  assert.deepEqual([asked.length, failures], [1, []])
})

test('an unknown schema is looked for twice, then refused, and looked for again later', async (t) => {
  const { url, asked } = await startFakeRegistry(t, () => (asked.length < 5 ? unknown : INT))
  const { registry, failures } = open(t, { url }, { ...QUICK, refusedFor: 0 })
  for (const times of [2, 4]) {
    await registry.load(9)
    assert.equal(asked.length, times)
    const message = new RegExp(`the registry ${url} has no schema 9, which its header names`)
    assert.throws(() => registry.schema(9), { code: 'OCC_SCHEMA_UNKNOWN', message })
  }
  await registry.load(9)
  assert.equal(registry.schema(9).text, '"int"')
  assert.deepEqual(failures, [])
})

test('a schema that is new is found by the second look', async (t) => {
  const { url, asked } = await startFakeRegistry(t, () => (asked.length < 2 ? unknown : INT))
  const { registry } = open(t, { url })
  await registry.load(9)
  assert.equal(registry.schema(9).text, '"int"')
})

test('a schema of a type that nothing here reads is refused', async (t) => {
  const { url } = await startFakeRegistry(t, () => [200, { schema: 'x', schemaType: 'THRIFT' }])
  const { registry } = open(t, { url })
  await registry.load(1)
  assert.throws(() => registry.schema(1), { code: 'OCC_SCHEMA_UNUSABLE', message: /THRIFT/ })
})

test('user name, password and token come from files, which are read for each request', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), `${text}\n`)
    return join(folder, name)
  }
  const passwordFile = file('password', 'old')
  const { url, credentials } = await startFakeRegistry(t, () => {
    if (credentials.length > 1) return INT
    file('password', 'new:ü')
    return [401, { error_code: 40101, message: 'old is wrong' }]
  })
  const basic = open(t, { url, usernameFile: file('name', 'me'), passwordFile })
  await basic.registry.load(1)
  const tokenFile = file('token', 'abc')
  await open(t, { url, tokenFile }).registry.load(1)
  const decoded = credentials.map((one = '') =>
    one.startsWith('Basic ') ? Buffer.from(one.slice(6), 'base64').toString() : one,
  )
  assert.deepEqual(decoded, ['me:old', 'me:new:ü', 'Bearer abc'])
  assert.ok(!basic.failures.join().includes('old:') && !basic.failures.join().includes('me:'))
})

test('the certificate of the registry must be signed by the authorities of caFile', async (t) => {
  const folder = temporaryFolder(t)
  const ca = await createAuthority('registry-ca')
  const { certificate, key } = await issueServerCertificate({
    ca,
    commonName: 'registry',
    sans: ['127.0.0.1'],
  })
  const { url } = await startFakeRegistry(t, () => INT, { cert: certificate, key })
  const caFile = join(folder, 'ca.pem')
  writeFileSync(caFile, (await createAuthority('another')).certificate)
  const { registry, failures } = open(t, { url, caFile })
  const loaded = registry.load(1)
  while (failures.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.match(failures[0] ?? '', /certificate/)
  writeFileSync(caFile, ca.certificate)
  await loaded
  assert.equal(registry.schema(1).text, '"int"')
})
