import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { block } from '../../../support/records/evm-block.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until, useKafka } from '../../harness.ts'
import { plainEnvironment, startService } from '../process.ts'

const embedded = useKafka()

const HANDLER = `
import { defineHandler } from 'onchain-consumer'
export default defineHandler({
  name: 'recorder',
  async handle({ events }, { emit }) {
    for (const { kind, id, block, reorg } of events) {
      await emit('out', { kind, number: block.number, hash: block.hash, reorg }, { id })
    }
  },
})
`

interface Run {
  /** What the handler got of each event: `2b` is block 2 of branch b, `reorg` names old and new. */
  readonly events: readonly string[]
  /** What was logged of the blocks below the first record. */
  readonly said: readonly string[]
}

/** Runs the service until so many records are committed. */
async function run(t: TestContext, topic: string, total: number): Promise<Run> {
  const group = `forks-${topic}`
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'recorder.ts'), HANDLER)
  await writeFile(
    join(folder, 'config.yaml'),
    JSON.stringify({
      decode: { protobuf: { schemas: schemasFolder, reorgs: true } },
      handlers: [{ path: join(folder, 'recorder.ts') }],
      sinks: { out: { type: 'log' } },
    }),
  )
  const env = { ...plainEnvironment(t, embedded.kafka, topic, group), OCC_SINK_LOG_MODE: 'off' }
  const service = startService(t, env, ['--config', join(folder, 'config.yaml')])
  await until(async () => (await embedded.committedTotal(group, topic)) === total, 'all')
  const { code, lines } = await service.end()
  assert.equal(code, 0)
  const name = (hash: string) => {
    const byte = Number.parseInt(hash.slice(2, 4), 16)
    return `${Math.floor(byte / 16)}${'abcd'[byte % 16]}`
  }
  const events = lines
    .filter(({ event }) => event === 'value.emitted')
    .map(({ value }) => {
      const { kind, hash, reorg } = value as {
        kind: string
        hash: string
        reorg?: { from: string; depth: number }
      }
      if (reorg === undefined) return name(hash)
      return `${kind} ${name(reorg.from)} -> ${name(hash)}, depth ${reorg.depth}`
    })
  return {
    events,
    said: lines.map(({ event }) => event).filter((one) => one.startsWith('blocks.')),
  }
}

const send = (topic: string, values: readonly Buffer[]) =>
  embedded.send(
    topic,
    values.map((value) => ({ value })),
  )

test('a fork of depth 3 is an event before the records of the new branch, also from blocks of before a restart, as far as retention has left them', async (t) => {
  const topic = 'eth.tokens.proto'
  await embedded.createTopic(topic)
  const cutBelow = (offset: number) =>
    embedded.admin.deleteTopicRecords({
      topic,
      partitions: [{ partition: 0, offset: String(offset) }],
    })
  // Branch b leaves after block 2.
  await send(topic, [block(1, 0), block(2, 0), block(3, 0), block(4, 0), block(5, 0)])
  await send(topic, [block(3, 1, 0), block(4, 1), block(5, 1), block(6, 1)])
  const first = await run(t, topic, 9)
  const old = ['1a', '2a', '3a', '4a', '5a']
  assert.deepEqual(first, {
    events: [...old, 'reorg 3a -> 3b, depth 3', '3b', '4b', '5b', '6b'],
    said: [],
  })
  // A fork from a block that only the process before has seen: the first record is of the new branch.
  await cutBelow(7)
  await send(topic, [block(5, 2, 1), block(6, 2), block(7, 2)])
  assert.deepEqual(await run(t, topic, 12), {
    events: ['reorg 5b -> 5c, depth 2', '5c', '6c', '7c'],
    said: ['blocks.known'],
  })
  // Of what this one forks from, nothing is left.
  await cutBelow(12)
  await send(topic, [block(7, 3, 2), block(8, 3)])
  assert.deepEqual(await run(t, topic, 14), { events: ['7d', '8d'], said: ['blocks.unknown'] })
})
