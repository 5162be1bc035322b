import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createTopicDestination } from '../../../../src/app/letters/destination.ts'
import type { OpenedStore } from '../../../../src/app/letters/open.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { configOf, loadYaml } from '../../config/support.ts'

const OWN = '{path: x, name: x, group: own, topics: [solana.*]}'

/** Checks a redrive of letters of one group. It may not connect: there are no brokers. */
function check(
  t: TestContext,
  handlers: string,
  group: string | null,
  topic: string,
  toGroup?: string,
): Promise<void> {
  const env = { KAFKA_TOPICS: 'solana.transfers,tron.transfers', KAFKA_GROUP_ID: 'app' }
  const config = configOf(loadYaml(t, `handlers: [${handlers}]\n`, env))
  const opened = { config, log: silentLog } as OpenedStore
  const destination = createTopicDestination(opened, { toTopic: undefined, toGroup })
  t.after(() => destination.close())
  return destination.check(new Map([[group, new Set([topic])]]))
}

function notRead(group: string, topic: string) {
  const message = new RegExp(`^The group ${group} does not read ${topic}, so nobody would handle`)
  return { code: 'OCC_REDRIVE_GROUP', message }
}

test('a redrive for a group of this configuration that no longer reads the topic is refused', async (t) => {
  await assert.rejects(check(t, OWN, 'app.x', 'tron.transfers'), notRead('app.x', 'tron.transfers'))
  await assert.rejects(check(t, '{path: a}', 'app', 'gone'), notRead('app', 'gone'))
})

test('the group of the service reads nothing if every handler has a group of its own', async (t) => {
  const both = `${OWN}, {path: y, name: y, group: own, topics: [tron.*]}`
  const refused = notRead('app', 'solana.transfers')
  await assert.rejects(check(t, both, 'app', 'solana.transfers'), refused)
  // Letters of version 0.1 name no group.
  await assert.rejects(check(t, both, null, 'solana.transfers'), refused)
})

test('--to-group is checked in place of the group of the letters', async (t) => {
  await assert.rejects(
    check(t, `{path: a}, ${OWN}`, 'app', 'tron.transfers', 'app.x'),
    notRead('app.x', 'tron.transfers'),
  )
})
