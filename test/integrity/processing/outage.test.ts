import assert from 'node:assert/strict'
import test from 'node:test'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { printFigures, settled } from '../support/accounting.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'

const RECORDS = sizeOf('RECORDS', 12_000)
const OUTAGE_SECONDS = sizeOf('SECONDS', 8)

test('the broker is away for a while: the service resumes by itself, and its endpoints report the truth', async (t) => {
  const scene = await createScene(t, { own: true })
  const service = await scene.start()
  await service.ready()
  const first = await scene.produce({ count: RECORDS / 2, poisonShare: 0.002 })
  const second = await scene.produce({ count: RECORDS / 2, poisonShare: 0.002, seed: 8 })
  const ids = [...first.ids, ...second.ids]

  await scene.kafka.kill()
  const probes = { alive: 0, dead: 0, ready: 0, notReady: 0 }
  const reasons = new Set<string>()
  for (let second = 0; second < OUTAGE_SECONDS; second++) {
    await sleep(1000)
    const health = await service.get('/healthz')
    const ready = await service.get('/readyz')
    if (health.status === 200) probes.alive += 1
    else probes.dead += 1
    if (ready.status === 200) probes.ready += 1
    else {
      probes.notReady += 1
      for (const reason of JSON.parse(ready.body).reasons) reasons.add(JSON.stringify(reason))
    }
  }
  await scene.kafka.start()
  const back = Date.now()
  await service.ready()
  const readyAfter = Date.now() - back
  const third = await scene.produce({ count: RECORDS / 10, seed: 9 })
  ids.push(...third.ids)
  const result = await settled(scene.folder, ids)
  printFigures('broker outage', {
    'outage (s)': OUTAGE_SECONDS,
    'records in': result.produced,
    'records out': result.handled + result.failed,
    lost: result.lost,
    duplicated: result.repeated,
    '/healthz alive, dead': `${probes.alive}, ${probes.dead}`,
    '/readyz ready, not': `${probes.ready}, ${probes.notReady}`,
    'ready again after (ms)': readyAfter,
    reasons: [...reasons].slice(0, 2).join(' | '),
  })
  assert.deepEqual(result.lostIds, [])
  assert.equal(probes.dead, 0, 'a restart would not help, so /healthz stays 200')
  assert.ok(probes.notReady > 0, '/readyz must say that it is not consuming')
  assert.equal(service.process.exitCode, null)
  assert.equal(await service.terminate(), 0)
})
