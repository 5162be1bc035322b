import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createApp } from '../../../src/app/create-app.ts'
import { formatProblems } from '../../../src/config/check/problems.ts'
import { loadConfig } from '../../../src/config/load/load.ts'
import type { SingleHandler } from '../../../src/handle/api/types.ts'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { OK } from '../../../src/kernel/shapes/outcome.ts'
import { numbered, until, useKafka } from '../harness.ts'
import { plainEnvironment } from './process.ts'

const embedded = useKafka()
const documents = (count: number) => numbered(count).map((name) => JSON.stringify({ name }))

interface Lag {
  readonly group: object | null
  readonly advice: ReadonlyArray<{ readonly kind: string; readonly text: string }>
}

/** The service in this process, with a handler of its own; ended with the test. */
async function start(
  t: TestContext,
  topic: string,
  env: Record<string, string>,
  handler: SingleHandler['handle'],
) {
  const loaded = loadConfig({
    env: {
      ...plainEnvironment(t, embedded.kafka, topic),
      HTTP_PORT: '0',
      OCC_SCALING_INTERVAL: '200ms',
      OCC_SCALING_ADVICE_AFTER: '600ms',
      OCC_SCALING_WINDOW: '2s',
      OCC_FLOW_DRAIN: '0s',
      ...env,
    },
  })
  if (!loaded.ok) throw new Error(formatProblems(loaded.problems))
  const app = createApp({ config: loaded.config, log: silentLog, version: 'test', handler })
  const { port } = await app.start()
  t.after(() => app.stop())
  const lag = async (): Promise<Lag> =>
    JSON.parse(await (await fetch(`http://127.0.0.1:${port}/lag`)).text())
  return {
    async advises(kind: string): Promise<string> {
      let latest = await lag()
      const find = () => latest.advice.find((advice) => advice.kind === kind)?.text ?? ''
      await until(
        async () => {
          latest = await lag()
          return find() !== ''
        },
        () => `${kind}: ${JSON.stringify(latest.group)} ${JSON.stringify(latest.advice)}`,
      )
      return find()
    },
  }
}

test('members without a partition are advised against', async (t) => {
  await embedded.createTopic('crowded', 1)
  const { advises } = await start(t, 'crowded', { OCC_KAFKA_CONSUMERS: '2' }, () => OK)
  assert.match(await advises('remove-replicas'), /^1 of 2 members of the group have no partition/)
})

test('handlers that wait, at the partition limit: more concurrency, or more partitions', async (t) => {
  await embedded.createTopic('behind', 1)
  await embedded.produce('behind', documents(3_000))
  // Far slower than records come, also where the machine is busy; and this process has next to nothing to do.
  const slow: SingleHandler['handle'] = async () => {
    await sleep(500)
    return OK
  }
  const env = { OCC_FLOW_QUEUE_MAX_RECORDS_PER_PARTITION: '100' }
  const { advises } = await start(t, 'behind', env, slow)
  const ended = new AbortController()
  const producing = (async () => {
    while (!ended.signal.aborted) {
      await embedded.produce('behind', documents(10))
      await sleep(200, ended.signal)
    }
  })()
  try {
    assert.match(await advises('raise-concurrency'), /busy only \d+ % of the time/)
    assert.match(
      await advises('add-partitions'),
      /each of the 1 partitions has a member of its own/,
    )
  } finally {
    ended.abort()
    await producing
  }
})
