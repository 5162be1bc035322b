import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { until } from '../../support/waiting.ts'
import { type OtherMember, startOther } from '../clients/librdkafka.ts'
import { countHandled } from '../support/accounting.ts'
import { checkGroup, joinGroup } from '../support/broker/mixed-group.ts'
import { watchOffsets } from '../support/broker/offsets-watch.ts'
import { shareKafka } from '../support/broker/shared-kafka.ts'
import type { Service } from '../support/service.ts'
import { sizeOf } from '../support/size.ts'

const createScene = shareKafka()
const BOTH = 'cooperative-sticky,range'
/** Records a second, for as long as the group moves. */
const RATE = sizeOf('RATE', 250)
/** Of what Kafka's own consumer takes before it leaves. */
const BY_JAVA = 1_500

test('a group moves from librdkafka with range to this service and back, and never stops', async (t) => {
  const scene = await createScene(t)
  const strategies = new Set<unknown>()
  const generations = (service: Service) => {
    for (const line of service.log()) {
      if (line.event === 'group.rebalanced') strategies.add(line['protocol'])
    }
  }
  const [theirs, more] = [startOther(scene, 'range'), startOther(scene, 'range')]
  t.after(() => [theirs, more].map(({ process }) => process.kill('SIGKILL')))
  await Promise.all([theirs.ready(), more.ready()])
  const offsets = watchOffsets(scene)

  async function move(): Promise<OtherMember> {
    // Ours come with both strategies, theirs go.
    let ours = [await joinGroup(scene, BOTH), await joinGroup(scene, BOTH)]
    assert.equal(await theirs.terminate(), 0)
    assert.equal(await more.terminate(), 0)
    // One by one with the one that is wanted, and back.
    for (const wanted of ['cooperative-sticky', BOTH]) {
      const next: Service[] = []
      for (const old of ours) {
        generations(old)
        assert.equal(await old.terminate(), 0)
        next.push(await joinGroup(scene, wanted))
      }
      ours = next
    }
    const last = startOther(scene, 'range')
    t.after(() => last.process.kill('SIGKILL'))
    await last.ready()
    for (const old of ours) {
      generations(old)
      assert.equal(await old.terminate(), 0)
    }
    return last
  }

  const moving = move()
  const { ids } = await scene.produce({ during: moving, rate: RATE })
  const back = await moving
  await checkGroup('from librdkafka (range) and back', scene, offsets, ids, {
    'strategies on the way': [...strategies].sort().join(', '),
  })
  assert.deepEqual([...strategies].sort(), ['cooperative-sticky', 'range'])
  assert.equal(await back.terminate(), 0)
})

test("a group moves from Kafka's own consumer to this service, and never stops", async (t) => {
  const scene = await createScene(t)
  const offsets = watchOffsets(scene)
  const format = ['print.partition', 'print.offset', 'print.headers', 'print.value'].flatMap(
    (name) => ['--property', `${name}=${name !== 'print.value'}`],
  )
  // It ends properly, commits and leaves, when it has this many.
  const running = scene.kafka.tools.consoleConsumer([
    ...['--topic', scene.topic, '--group', scene.groupId, '--from-beginning'],
    ...['--max-messages', String(BY_JAVA), ...format],
    ...['--consumer-property', 'auto.commit.interval.ms=500'],
  ])

  async function move(): Promise<Service> {
    await until(() => offsets.sum() > 0, 'it to have committed')
    // With what is the default of both.
    const service = await joinGroup(scene, 'cooperative-sticky')
    await running
    const then = countHandled(scene.folder)
    await until(() => countHandled(scene.folder) > then + RATE, 'ours to go on alone')
    return service
  }

  const moving = move()
  const { ids } = await scene.produce({ during: moving, rate: RATE })
  const ours = await moving
  const { stdout, stderr, code } = await running
  assert.equal(code, 0, stderr)
  const lines = stdout.split('\n').flatMap((line) => {
    const [, partition, offset, id] =
      /^Partition:(\d+)\tOffset:(\d+)\t.*synthetic-id:([^,\t]+)/.exec(line) ?? []
    return id === undefined ? [] : [`${id},${partition},${offset},0\n`]
  })
  writeFileSync(join(scene.folder, 'handled-java.csv'), lines.join(''))
  await checkGroup("from Kafka's own consumer", scene, offsets, ids, {
    'by its consumer': lines.length,
  })
  assert.equal(lines.length, BY_JAVA)
  assert.equal(await ours.terminate(), 0)
})
