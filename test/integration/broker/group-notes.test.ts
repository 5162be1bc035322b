import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGroupNotes } from '../../../src/broker/group-state/group-notes.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { until, useKafka } from '../harness.ts'

const embedded = useKafka()

test('notes of a group without members: kept with partitions, replaced one by one, and bounded', async (t) => {
  await embedded.createTopic('noted', 2)
  const open = () => {
    const notes = createGroupNotes(embedded.broker, 'noted:pauses', silentLog)
    t.after(() => notes.close())
    return notes
  }
  const [one, other] = [open(), open()]
  // The brokers have no place for offsets before somebody asks for a coordinator.
  const isThere = () =>
    one.read().then(
      () => true,
      () => false,
    )
  await until(isThere, 'a coordinator')
  assert.deepEqual(await one.read(), [], 'there is no such group yet')
  const at = (partition: number, text: string) => ({ topic: 'noted', partition, text })
  await one.write([at(0, 'first'), at(1, 'second')])
  await other.write([at(1, 'third')])
  const read = (await one.read()).toSorted((a, b) => a.partition - b.partition)
  assert.deepEqual(read, [at(0, 'first'), at(1, 'third')])
  await assert.rejects(one.write([at(0, 'x'.repeat(5_000))]), { code: 'OCC_PAUSES_FULL' })
  const missing = one.write([{ topic: 'nowhere', partition: 0, text: '' }])
  await assert.rejects(missing, { code: 'OCC_TOPIC_UNKNOWN', retriable: true })
})
