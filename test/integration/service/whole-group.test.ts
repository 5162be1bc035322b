// The partitions of all pods, seen through one: who has them and how they do, and what is left of that
// when a pod does not answer any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePorts } from '../../../dev/kafka/nodes/ports.ts'
import type { Overview } from '../../../src/observe/overview/types.ts'
import { until, useKafka } from '../harness.ts'
import { accessibility, useBrowser } from './browser.ts'
import { plainEnvironment, type RunningService, startService } from './process.ts'

const embedded = useKafka()
const { open } = useBrowser()

const statusOf = async (service: RunningService): Promise<Overview> =>
  JSON.parse((await service.get('/api/v1/status')).body)

test('any pod shows the partitions of all, and those of a silent one with their age', async (t) => {
  const topic = 'of-all'
  await embedded.createTopic(topic, 6)
  const ports = await freePorts(3)
  const env = {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_HTTP_PEERS: ports.map((port) => `127.0.0.1:${port}`).join(),
  }
  const services = ports.map((port) => startService(t, { ...env, HTTP_PORT: String(port) }))
  const [first, , third] = services as [RunningService, RunningService, RunningService]
  await Promise.all(services.map((service) => service.ready()))
  await Promise.all(
    services.map((service) =>
      until(async () => {
        const { partitions, pods } = await statusOf(service)
        const words = partitions.map(({ word, told }) => told?.word ?? word)
        const counts = [partitions.filter(({ facts }) => facts !== null), ...pods].map((each) =>
          'length' in each ? each.length : each.partitions,
        )
        return counts.join() === '2,2,2' && words.join() === Array(6).fill('ok').join()
      }, 'every pod to show two of each that are ok'),
    ),
  )

  const seen = await statusOf(first)
  const told = seen.partitions.flatMap((each) => each.told ?? [])
  assert.equal(seen.partitions.filter(({ facts }) => facts !== null).length, 2)
  assert.deepEqual(
    told.map(({ word, isCurrent }) => `${word} ${isCurrent}`),
    Array(4).fill('ok true'),
  )
  const addresses = [ports[1], ports[2]].map((port) => `127.0.0.1:${port}`)
  assert.deepEqual([...new Set(told.map(({ address }) => address))].sort(), addresses.toSorted())
  assert.deepEqual(
    seen.pods.map(({ partitions, problem }) => [partitions, problem]),
    [
      [2, null],
      [2, null],
    ],
  )

  const { page, complaints, foreign } = await open(t, `http://127.0.0.1:${ports[0]}/`)
  await page.locator('#live.on').waitFor()
  assert.equal(await page.locator('.strip a.w-ok').count(), 6)
  assert.equal(await page.locator('#partitions tbody tr', { hasText: 'this one' }).count(), 2)

  third.process.kill('SIGSTOP')
  await page
    .locator('#partitions td', { hasText: /said .* ago: ok/ })
    .first()
    .waitFor()
  assert.deepEqual(
    [
      await page.locator('.strip a.w-ok').count(),
      await page.locator('.strip a.w-not-mine').count(),
    ],
    [4, 2],
  )
  assert.deepEqual([await accessibility(page), complaints, foreign], [[], [], []])
  const silent = (await statusOf(first)).pods.find(({ problem }) => problem !== null)
  assert.equal(silent?.address, addresses[1])
  assert.ok(Number(silent?.ageSeconds) > 0)

  third.process.kill('SIGCONT')
  await page.locator('.strip a.w-ok').nth(5).waitFor()
})
