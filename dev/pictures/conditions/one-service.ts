import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts } from '../../kafka/nodes/ports.ts'
import { aged, asking, many } from './records.ts'
import type { ShownPod } from './shown-pod.ts'
import type { Stage } from './stage.ts'

const MINUTE = 60_000

/**
 * One service after another trouble: none of them ends, so the sentence climbs from the mildest to the worst, and
 * what it said before is below it. At last its broker is killed.
 */
export async function oneService(stage: Stage): Promise<void> {
  const { createTopic, send, sees, kafka } = stage
  const [closed = 0] = await freePorts(1)
  const nobody = `http://127.0.0.1:${closed}`
  await Promise.all([
    createTopic('main', 4),
    createTopic('other'),
    createTopic('old', 2, { 'retention.ms': String(120 * MINUTE) }),
    createTopic('garbage'),
    createTopic('avro'),
  ])

  const topics = ['main', 'other', 'old', 'garbage', 'avro']
  const sinks = { rows: { type: 'webhook', url: nobody, allowPrivate: true } }
  const decode = { registry: { url: nobody }, topics: [{ pattern: 'avro', format: 'avro' }] }
  const config = { sinks, decode, flow: { drain: '3s' }, scaling: { interval: '1s' } }
  const pod = await stage.pod('main', { topics, config })
  await sees(pod, 'keeping-up')
  await besides(stage, pod)

  const letters = join(pod.folder, 'dead-letters')
  mkdirSync(letters, { recursive: true })
  renameSync(letters, `${letters}.away`)
  writeFileSync(letters, 'a file where the folder was')
  await send('main', [
    { value: 'no document', partition: 0 },
    { ...asking(''), partition: 0 },
  ])
  await sees(pod, 'letters-not-kept')

  // A header of Confluent: a zero, and the id of the schema.
  await send('avro', [{ value: Buffer.from([0, 0, 0, 0, 7, 2]) }])
  await sees(pod, 'schema')

  await pod.post('/api/v1/pause', { topic: 'main', for: '30m', reason: 'the index is built anew' })
  await sees(pod, 'paused')

  await send(
    'garbage',
    Array.from({ length: 12 }, () => ({ value: 'no document' })),
  )
  await sees(pod, 'nothing-decodes')
  await sees(pod, 'config-invalid', { isNote: true })

  pod.fails(true)
  await send('other', many(4, ''))
  await sees(pod, 'circuit-open')

  await send('old', [{ ...asking(''), ...aged(100), partition: 0 }])
  await sees(pod, 'loss-soon')
  await send('old', [{ ...asking(''), ...aged(112), partition: 1 }])
  await sees(pod, 'loss-imminent')

  await kafka.kill()
  await sees(pod, 'broker-lost')
  // What the brokers said is old, and says so.
  for (const [section, text] of [
    ['#numbers', /9 partitions as of .* ago/],
    ['#partitions', /, \d.* ago/],
    ['#paused', /it could not be read since/],
    ['#group', /not known: the offsets of the group were last read/],
  ] as const) {
    await pod.page.locator(section).getByText(text).first().waitFor()
  }
  const ended = pod.end()
  await sees(pod, 'draining')
  await ended
}

/** What pods say that do not get far. */
export async function beginnings(stage: Stage): Promise<void> {
  const { createTopic, send, sees, kafka } = stage
  await Promise.all([createTopic('begun'), createTopic('damaged')])
  await send('damaged', [asking('')])
  await kafka.nodes[0]?.damage('damaged', 0, { how: 'payload' })
  await sees(await stage.pod('early', { topics: ['begun'], opensFor: 8_000 }), 'starting')
  await sees(await stage.pod('missing', { topics: ['missing'] }), 'not-ready')
  await sees(await stage.pod('damaged', { topics: ['damaged'] }), 'corrupt')
}

/** What is said below the sentence. */
async function besides(stage: Stage, pod: ShownPod): Promise<void> {
  const { send, sees } = stage
  pod.configure({ commit: { everyRecords: 17 } })
  await send('main', [
    { value: 'no document', partition: 0 },
    { ...asking('stray'), partition: 0 },
    { ...asking('emit'), partition: 1 },
    { ...asking('hang'), partition: 2 },
  ])
  for (const name of [
    'dead-letters',
    'stray-errors',
    'sink-down',
    'handler-hangs',
    'config-waits',
  ]) {
    await sees(pod, name, { isNote: true })
  }
  // It takes two looks at the file until it is read.
  pod.configure('handlers: 7')
}
