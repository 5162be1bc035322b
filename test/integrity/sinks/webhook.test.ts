import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { Webhook } from 'standardwebhooks'
import { type Reaction, startWebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { openLedger } from '../support/ledger.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RECORDS = sizeOf('RECORDS', 1_200)
const KILLS = sizeOf('KILLS', 2)
const PER_SECOND = 150
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** What every 40th request meets, one after the other. */
const FAULTS: readonly Reaction[] = [
  { status: 500 },
  { status: 429, headers: { 'retry-after': '1' } },
  'hang',
  'close',
]

test('a webhook whose receiver answers 500 and 429, hangs and closes, over kill -9: no value is lost', async (t) => {
  const scene = await createScene(t)
  const verifier = new Webhook(KEY)
  const taken = new Set<string>()
  /** Ids of requests by the id of the event. */
  const ids = new Map<string, Set<string>>()
  const seconds = new Map<string, number>()
  const figures = { requests: 0, 'answered 500, 429, hung, closed': 0, accepted: 0, unsigned: 0 }
  const receiver = await startWebhookReceiver(t, ({ headers, body }, index) => {
    figures.requests += 1
    const own = headers as Record<string, string>
    try {
      verifier.verify(body, own)
    } catch {
      figures.unsigned += 1
    }
    const { id } = JSON.parse(body) as { id: string }
    ids.set(id, (ids.get(id) ?? new Set()).add(own['webhook-id'] ?? ''))
    const second = own['webhook-timestamp'] ?? ''
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
    if (index % 40 === 39) {
      figures['answered 500, 429, hung, closed'] += 1
      return FAULTS[Math.floor(index / 40) % FAULTS.length] ?? 'close'
    }
    figures.accepted += 1
    taken.add(id)
    return { status: 200 }
  })
  const secretFile = join(scene.folder, 'keys')
  writeFileSync(secretFile, KEY)
  const config = {
    sinks: {
      hook: {
        ...{ type: 'webhook', url: receiver.url, secretFile, allowPrivate: true },
        ...{ maxPerSecond: PER_SECOND, timeout: '500ms' },
      },
    },
    handlers: [{ sink: 'hook' }],
    retry: { backoff: '50ms', maxBackoff: '200ms' },
    circuit: { probeAfter: '100ms', maxProbeAfter: '500ms' },
  }
  const env = { KAFKA_SESSION_TIMEOUT_MS: '3000', KAFKA_HEARTBEAT_INTERVAL_MS: '500' }
  const produced = await scene.produce({ count: RECORDS })
  const sent = new Set(produced.events())
  let service = await scene.run(config, env)
  const killed: number[] = []
  for (let kill = 1; kill <= KILLS; kill++) {
    const share = (sent.size * kill) / (KILLS + 1)
    await taking(() => taken.size >= share)
    await service.kill()
    killed.push(taken.size)
    service = await scene.run(config, env)
  }
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  await ledger.committedToTheEnd()
  const busiest = Math.max(...seconds.values())
  const unstable = [...ids].filter(([, own]) => own.size !== 1)
  printFigures('a webhook whose receiver fails', {
    'kill -9': killed.length,
    'records in': produced.ids.length,
    'values in': sent.size,
    ...figures,
    'values out': taken.size,
    lost: [...sent].filter((id) => !taken.has(id)).length,
    duplicated: figures.accepted - taken.size,
    'values under several webhook-ids': unstable.length,
    'most requests in a second': busiest,
    'dead letters': readFailed(scene.folder).length,
  })
  assert.deepEqual(
    [...sent].filter((id) => !taken.has(id)),
    [],
  )
  assert.deepEqual(unstable, [])
  assert.equal(figures.unsigned, 0)
  // The seconds of a clock begin anywhere between two requests.
  assert.ok(busiest <= PER_SECOND + 1, `${busiest} requests in a second`)
  assert.equal(readFailed(scene.folder).length, 0)
  assert.equal(await service.terminate(), 0)
})

async function taking(isEnough: () => boolean): Promise<void> {
  while (!isEnough()) await new Promise((resolve) => setTimeout(resolve, 20))
}
