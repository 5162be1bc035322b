import assert from 'node:assert/strict'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { inspectCluster } from '../../../../src/broker/topics/inspect.ts'
import { consuming, createCapturedLog, until, useOwnKafka } from '../../harness.ts'
import { assertNoSecretIn, secured, writeSecrets } from './secured.ts'

const topics = ['secured']
const embedded = useOwnKafka({}, async ({ kafka, createTopic }) => {
  await writeSecrets(kafka)
  await createTopic('secured')
})
const file = (name: string) => join(embedded.kafka.folder, name)
const withSan = () => embedded.kafka.brokers.saslSslSan

for (const [what, options] of [
  ['verify full, where the certificate names the host', () => secured(embedded.kafka, withSan())],
  [
    'verify ca, where it cannot',
    () => secured(embedded.kafka, embedded.kafka.brokers.saslSsl, { verify: 'ca' }),
  ],
  ['SCRAM-SHA-256', () => secured(embedded.kafka, withSan(), {}, { mechanism: 'SCRAM-SHA-256' })],
] as const) {
  test(`a client certificate and a login work: ${what}`, async (t) => {
    const broker = options()
    const found = await inspectCluster(broker, { topics, groupId: 's' }, createCapturedLog())
    assert.equal(found.topics[0]?.partitions, 1)
    assert.equal(found.group.problem, null)
    const service = consuming(t, { broker }, { member: { groupId: `secured ${what}`, topics } })
    await service.join().joined()
    await embedded.produce('secured', ['seen'])
    await until(() => service.handled.length > 0, 'the record')
    assert.notEqual(service.lines.length, 0)
    assertNoSecretIn(service.lines)
  })
}

test('a wrong password at the first start ends the member at once, with the clear error', async (t) => {
  const broker = secured(embedded.kafka, withSan(), {}, { passwordFile: file('wrong-password') })
  const service = consuming(t, { broker }, { member: { groupId: 'wrong', topics } })
  await assert.rejects(service.join().running, { code: 'OCC_AUTHENTICATION' })
  assert.equal(service.meters.process.restarts, 1)
  assertNoSecretIn(service.lines)
})

test('new certificates and a new password in the files are used from the next connection on', async (t) => {
  for (const name of ['password', 'own-ca.pem', 'own.cer.pem', 'own.key.pem']) {
    await writeFile(file(name), name === 'password' ? 'onchain-secret' : '')
  }
  const { ca, clientCertificate, clientKey } = embedded.kafka.certificates
  const copy = async () => {
    await cp(ca, file('own-ca.pem'))
    await cp(clientCertificate, file('own.cer.pem'))
    await cp(clientKey, file('own.key.pem'))
  }
  await copy()
  const files = {
    caFile: file('own-ca.pem'),
    certificateFile: file('own.cer.pem'),
    keyFile: file('own.key.pem'),
  }
  const broker = secured(embedded.kafka, withSan(), files)
  const service = consuming(t, { broker }, { member: { groupId: 'rotated', topics } })
  const member = service.join()
  await member.joined()

  await embedded.kafka.stop()
  await embedded.kafka.renewCertificates()
  const outdated = await readFile(file('own-ca.pem'), 'utf8')
  await embedded.kafka.start()
  // Its old files do not fit the renewed authority: it says so, and keeps trying.
  await until(
    () => /CA|certificate/.test(member.member.view.reason ?? ''),
    () => `the reason to name the certificate: ${JSON.stringify(member.member.view)}`,
  )
  await copy()
  assert.notEqual(await readFile(file('own-ca.pem'), 'utf8'), outdated)
  await member.joined()
  const handled = service.handled.length
  await embedded.produce('secured', ['after the rotation'])
  await until(() => service.handled.length > handled, 'a record after the rotation')
})
