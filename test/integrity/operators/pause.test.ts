// A pause for the group with an end time, while everything around it changes: a member is killed,
// another one restarted, the coordinator goes away and comes back, the group is scaled to 0 and to
// members that never heard of the pause. Nobody consumes before it ends, everybody does afterwards.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { until } from '../../support/waiting.ts'
import { printFigures } from '../support/accounting.ts'
import { openLedger, readHandlings } from '../support/ledger.ts'
import type { Service } from '../support/service.ts'
import { createScene, startProducer } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const TOKEN = 'a-token-that-nobody-guesses'
/** For each time that something has changed. */
const RECORDS = sizeOf('RECORDS', 600)
/** Times that members are restarted and the group is scaled. */
const RESTARTS = sizeOf('RESTARTS', 1)
/** From the order that names the end to the end: the group is scaled once more meanwhile. */
const SECONDS = sizeOf('SECONDS', 4)

test('a pause with an end, over restarts and scaling: nobody consumes before it, everybody after it', async (t) => {
  const scene = await createScene(t, { topic: 'a', partitions: 6, own: true })
  const producer = await startProducer(t, scene.brokers)
  const tokenFile = join(scene.folder, 'tokens')
  writeFileSync(tokenFile, `alice: ${TOKEN}\n`)
  const env = {
    KAFKA_SESSION_TIMEOUT_MS: '6000',
    KAFKA_HEARTBEAT_INTERVAL_MS: '500',
    OCC_ADMIN_TOKEN_FILE: tokenFile,
  }
  const ledger = openLedger(scene)
  t.after(() => ledger.close())
  let services: Service[] = []
  let started = 0
  let killed = 0

  async function scaleTo(count: number): Promise<void> {
    const more = Math.max(0, count - services.length)
    const added = await Promise.all(Array.from({ length: more }, () => scene.start(env)))
    started += more
    await Promise.all(services.slice(count).map((service) => service.terminate()))
    services = [...services.slice(0, count), ...added]
    await Promise.all(services.map((service) => service.ready()))
  }

  let produced = 0
  async function produce(): Promise<void> {
    const messages = Array.from({ length: RECORDS }, (_, index) => ({
      partition: index % 6,
      value: `${produced + index}`,
    }))
    await producer.send({ topic: 'a', messages })
    produced += RECORDS
  }

  async function pauseFor(length: string, [asked] = services): Promise<number> {
    const response = await fetch(`${asked?.url}/api/v1/pause`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ topic: 'a', for: length, reason: 'the index is built anew' }),
    })
    const { paused } = (await response.json()) as { paused: Array<{ until: string }> }
    return Date.parse(paused[0]?.until ?? '')
  }

  /** Resolves when all services say that all of their partitions are paused, by whom, and until when. */
  async function allPaused(end: number): Promise<void> {
    for (const service of services) {
      await until(async () => {
        const { pauses, partitions } = JSON.parse((await service.get('/lag')).body)
        return (
          Date.parse(pauses[0]?.until) === end &&
          pauses[0].by === 'alice' &&
          pauses[0].reason === 'the index is built anew' &&
          partitions.every(({ pausedBy }: { pausedBy: string }) => pausedBy === 'operator')
        )
      }, `service ${service.number} to be paused`)
    }
  }

  const handledSince = (time: number) =>
    readHandlings(scene.folder).filter((each) => each.time >= time)

  await scaleTo(3)
  await produce()
  await ledger.committedToTheEnd()
  const first = await pauseFor('1h')
  await allPaused(first)
  const since = Date.now()
  await produce()

  for (let turn = 0; turn < RESTARTS; turn++) {
    const [victim] = services.splice(0, 1)
    await victim?.kill()
    killed += 1
    await scaleTo(1)
    await scaleTo(3)
    await produce()
    await allPaused(first)
    await scaleTo(0)
    await scaleTo(2)
    await allPaused(first)
  }
  await scene.kafka.stop()
  await scene.kafka.start()
  await Promise.all(services.map((service) => service.ready()))
  await produce()
  await allPaused(first)
  // The member that is asked is gone when the others come back.
  const end = await pauseFor(`${SECONDS}s`, services.slice(1))
  await scaleTo(0)
  await scaleTo(3)
  await produce()
  await ledger.committedToTheEnd()
  // Whoever has got its partitions only now is to have something to do, too.
  for (const service of services) {
    await until(async () => {
      const { partitions } = JSON.parse((await service.get('/lag')).body)
      return partitions.length === 2
    }, `service ${service.number} to have its partitions`)
  }
  await produce()
  await ledger.committedToTheEnd()

  const all = handledSince(0)
  const early = all.filter(({ time }) => time >= since && time < end)
  const after = handledSince(end)
  const account = await ledger.account()
  const consuming = new Set(after.map(({ service }) => service))
  printFigures('pause', {
    'records in': produced,
    'records out': new Set(all.map(({ partition, offset }) => `${partition}/${offset}`)).size,
    lost: account.lost.length,
    duplicated: account.again,
    'members started, killed': [started, killed],
    'seconds of the pause': (end - since) / 1000,
    'handled before its end': early.length,
    'handled after it': after.length,
    'first record after its end, ms': Math.min(...after.map(({ time }) => time)) - end,
    'members that consume again': consuming.size,
  })
  assert.deepEqual([early.length, account.lost], [0, []])
  assert.equal(account.committed, produced)
  assert.deepEqual([...consuming].sort(), services.map(({ number }) => number).sort())
})
