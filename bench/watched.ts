// A service whose status page is looked at: on a topic of many partitions, to which something is produced all the time.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { listeningPort } from '../dev/listening-port.ts'
import { NODE_FLAGS } from '../dev/node-flags.ts'
import { root } from '../dev/tools.ts'
import { sleep } from '../src/kernel/lifecycle.ts'
import { connectProducer } from './production.ts'

/** Records a second: 20 partitions, five times. */
const [AT_ONCE, PAUSE] = [20, 200]

export interface WatchedOptions {
  readonly brokers: string
  readonly topic: string
  readonly partitions: number
  readonly env: Readonly<Record<string, string>>
  createTopic(name: string, partitions: number): Promise<void>
}

export interface Watched {
  readonly process: ChildProcess
  readonly port: number
  close(): Promise<void>
}

export async function startWatched(options: WatchedOptions): Promise<Watched> {
  const { brokers, topic, partitions, env, createTopic } = options
  await createTopic(topic, partitions)
  const producer = await connectProducer(brokers)
  let isOver = false
  const producing = (async () => {
    for (let sent = 0; !isOver; sent += AT_ONCE) {
      const messages = Array.from({ length: AT_ONCE }, (_, index) => ({
        ...{ key: null, value: Buffer.from(`{"n":${sent + index}}`), headers: {} },
        partition: (sent + index) % partitions,
      }))
      // At first some have no leader yet; what is not sent is not missed.
      await producer.send(topic, messages).catch(() => {})
      await sleep(PAUSE)
    }
  })()
  const service = spawn(process.execPath, [...NODE_FLAGS, join(root, 'src/main.ts'), 'run'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...{ KAFKA_BOOTSTRAP_SERVERS: brokers, KAFKA_TOPICS: topic, KAFKA_GROUP_ID: topic },
      ...{ HTTP_PORT: '0', ...env },
    },
  })
  async function close(): Promise<void> {
    isOver = true
    if (service.exitCode === null && service.signalCode === null) {
      const gone = once(service, 'exit')
      service.kill()
      await gone
    }
    await producing
    await producer.close()
  }
  try {
    return { process: service, port: await listeningPort(service.stdout), close }
  } catch (error) {
    await close()
    throw error
  }
}
