import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { sleep } from '../../../../src/kernel/lifecycle.ts'
import { consuming, until, useOwnKafka } from '../../harness.ts'
import { assertNoSecretIn, secured, writeSecrets } from '../connection/secured.ts'

const SESSION = 3_000
const embedded = useOwnKafka(
  { properties: { 'connections.max.reauth.ms': String(SESSION) } },
  async ({ kafka, createTopic }) => {
    await writeSecrets(kafka)
    await createTopic('sessions', 4)
    await createTopic('rotated', 1)
  },
)

for (const mechanism of ['SCRAM-SHA-512', 'PLAIN'] as const) {
  test(`sessions that end again and again are renewed, and nobody notices: ${mechanism}`, async (t) => {
    const broker = secured(embedded.kafka, embedded.kafka.brokers.saslSslSan, {}, { mechanism })
    const member = { groupId: `sessions-${mechanism}`, topics: ['sessions'] }
    const service = consuming(t, { broker }, { member: { ...member, autoOffsetReset: 'latest' } })
    const first = service.join()
    await first.joined()
    const { generation } = first.member.view
    const sent: string[] = []
    const send = async (until: number) => {
      while (performance.now() < until) {
        const value = `record-${sent.length}`
        await embedded.produce('sessions', [value], sent.length % 4)
        sent.push(value)
        await sleep(50)
      }
    }
    await send(performance.now() + 3 * SESSION)
    assert.equal(first.member.view.generation, generation, 'no rebalance')
    // Its connection for joins was last used sessions ago.
    const second = service.join()
    await until(() => second.partitions().length === 2, 'half of them')
    await send(performance.now() + SESSION)
    await until(
      () => service.handled.length >= sent.length,
      () => `${sent.length} records, ${service.handled.length}`,
    )
    assert.deepEqual(service.values().sort(), sent.sort())
    assert.equal(service.meters.process.restarts, 0)
    const bad = service.lines.filter(({ level }) => level === 'warn' || level === 'error')
    // That a new group begins at the end is the only thing to be said.
    assert.deepEqual(
      bad.map(({ fields }) => fields.event),
      ['offsets.begun'],
    )
    assertNoSecretIn(service.lines)
  })
}

test('a password that was changed in its file and at the broker is used from the next login on', async (t) => {
  const passwordFile = join(embedded.kafka.folder, 'own-password')
  await writeFile(passwordFile, 'onchain-secret')
  const broker = secured(embedded.kafka, embedded.kafka.brokers.saslSslSan, {}, { passwordFile })
  const member = { groupId: 'rotated', topics: ['rotated'] }
  const service = consuming(t, { broker }, { member })
  const first = service.join()
  await first.joined()
  const scram = 'SCRAM-SHA-512=[password=another-secret]'
  const user = ['--entity-type', 'users', '--entity-name', 'onchain']
  await writeFile(passwordFile, 'another-secret')
  const changed = await embedded.kafka.tools.configs(['--alter', '--add-config', scram, ...user])
  assert.equal(changed.code, 0, changed.stderr)
  await sleep(1.5 * SESSION)
  await embedded.produce('rotated', ['with the new password'])
  await until(
    () => service.handled.length === 1,
    () => `the record, ${JSON.stringify(first.member.view)}`,
  )
  assert.equal(first.member.view.state, 'joined')
})
