// The partitions of all pods, seen through one: who has them and how they do, and what is left of that
// when a pod does not answer any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePorts } from '../../../../dev/kafka/nodes/ports.ts'
import type { Overview } from '../../../../src/observe/overview/types.ts'
import { until, useKafka } from '../../harness.ts'
import { plainEnvironment, type RunningService, startService } from '../process.ts'
import { accessibility, useBrowser } from './browser.ts'

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
    // A stopped one keeps its partitions, however slow the others are to notice.
    KAFKA_SESSION_TIMEOUT_MS: '120000',
  }
  const services = ports.map((port) => startService(t, { ...env, HTTP_PORT: String(port) }))
  const [first, , third] = services as [RunningService, RunningService, RunningService]
  await Promise.all(services.map((service) => service.ready()))
  /** Two partitions here and two in each of the others, all of them ok, and heard of just now. */
  const isComplete = ({ partitions, pods }: Overview) => {
    const own = partitions.filter(({ facts }) => facts !== null)
    const counts = [own.length, ...pods.map((pod) => pod.partitions)]
    const words = partitions.map(({ word, told }) => {
      return told === undefined ? word : `${told.word}, ${told.isCurrent}`
    })
    const wanted = ['ok', 'ok', ...Array(4).fill('ok, true')]
    return counts.join() === '2,2,2' && words.sort().join() === wanted.join()
  }
  await Promise.all(
    services.map((service) =>
      until(async () => isComplete(await statusOf(service)), 'every pod to show all', 60_000),
    ),
  )

  const seen = await statusOf(first)
  const told = seen.partitions.flatMap((each) => each.told ?? [])
  const addresses = [ports[1], ports[2]].map((port) => `127.0.0.1:${port}`)
  assert.deepEqual([...new Set(told.map(({ address }) => address))].sort(), addresses.toSorted())
  assert.equal(seen.pods.length, 2)

  const { page, complaints, foreign } = await open(t, `http://127.0.0.1:${ports[0]}/`)
  await page.locator('#live.on').waitFor()
  await page.locator('.strip a.w-ok').nth(5).waitFor()
  assert.equal(await page.locator('#partitions tbody tr', { hasText: 'this one' }).count(), 2)

  third.process.kill('SIGSTOP')
  await page
    .locator('#partitions td', { hasText: /said .* ago: ok/ })
    .first()
    .waitFor()
  const cells = (word: string) => page.locator(`.strip a.w-${word}`).count()
  await until(
    async () => (await cells('ok')) === 4 && (await cells('not-mine')) === 2,
    'the cells of the silent one to be grey',
    60_000,
  )
  assert.deepEqual([await accessibility(page), complaints, foreign], [[], [], []])
  const silent = (await statusOf(first)).pods.find(({ problem }) => problem !== null)
  assert.equal(silent?.address, addresses[1])
  assert.ok(Number(silent?.ageSeconds) > 0)

  third.process.kill('SIGCONT')
  await page.locator('.strip a.w-ok').nth(5).waitFor()
})
