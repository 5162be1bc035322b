import type { EmbeddedKafka, KafkaOptions } from '../../../dev/kafka/types.ts'
import type { UndoStack } from '../../../src/kernel/lifecycle.ts'
import { type Account, createAccount, type LogLine } from './account.ts'
import { startHostKafka } from './host/kafka.ts'
import { type Api, connectApi } from './kubernetes/api.ts'
import { createNamespace, type Namespace } from './kubernetes/namespace.ts'
import { isReady, type Pod } from './kubernetes/objects.ts'
import { createPodHttp, type PodHttp } from './kubernetes/pod-http.ts'
import { type PodWatch, watchPods } from './kubernetes/pod-watch.ts'
import { createSecrets } from './kubernetes/secrets.ts'
import { type ProduceOptions, produce } from './production.ts'
import { createRelease, type Release } from './release.ts'
import { recordTimeline, type Timeline } from './timeline.ts'
import { consumerValues, type Values } from './values.ts'
import { until } from './waiting.ts'

export const TOPIC = 'solana.transfers'
export const PARTITIONS = 12

/** Everything one scenario has for itself: a Kafka, a namespace with Secrets, a release. */
export interface Scene {
  readonly api: Api
  /** For what a scenario starts beside it. */
  readonly undo: UndoStack
  readonly kafka: EmbeddedKafka
  readonly namespace: Namespace
  readonly release: Release
  readonly http: PodHttp
  readonly account: Account
  /** Lines of all pods' logs but for those of the log sink. */
  readonly lines: readonly LogLine[]
  /** For this Kafka and these Secrets; merge further ones into them. */
  readonly values: Values
  readonly watch: PodWatch
  readyPods(): readonly Pod[]
  /** Begins to record how many pods there are; ends with the scene. */
  timeline(): Timeline
  /** Resolves with the ready pods once there are exactly this many. */
  settled(count: number, seconds: number): Promise<readonly Pod[]>
  produce(options: Partial<ProduceOptions> & { readonly count: number }): Promise<void>
  /** Resolves when everything that was produced was handled. */
  drained(seconds: number): Promise<void>
}

export interface SceneOptions {
  readonly partitions?: number
  readonly kafka?: Omit<KafkaOptions, 'advertise'>
}

/** `undo` gets a step for each thing made, also when the making fails half way. */
export async function createScene(
  undo: UndoStack,
  scenario: string,
  { partitions = PARTITIONS, kafka: kafkaOptions = {} }: SceneOptions = {},
): Promise<Scene> {
  const api = await connectApi()
  undo.push('api', () => api.close())
  const { kafka, brokers } = await startHostKafka(undo, kafkaOptions)
  const namespace = await createNamespace(undo, api, scenario)
  await Promise.all([kafka.tools.createTopic(TOPIC, partitions), createSecrets(namespace, kafka)])
  const release = createRelease(undo, namespace)
  const account = createAccount()
  const lines: LogLine[] = []
  const where = { namespace: namespace.name, release: release.name }
  const watch = watchPods(api, where, (line) => {
    account.add(line)
    if (line.event !== 'record.logged') lines.push(line)
  })
  undo.push('pod watch', () => watch.stop())
  const over = new AbortController()
  const productions = new Set<Promise<void>>()
  undo.push('production', async () => {
    over.abort()
    await Promise.allSettled(productions)
  })
  const readyPods = () => watch.pods.filter(isReady)

  return {
    api,
    undo,
    kafka,
    namespace,
    release,
    http: createPodHttp(api, namespace.name),
    account,
    lines,
    values: consumerValues({ brokers, topic: TOPIC, groupId: `${scenario}-group` }),
    watch,
    readyPods,
    timeline() {
      const deployment = release.fullName
      const timeline = recordTimeline(api, { namespace: namespace.name, deployment })
      undo.push('timeline', timeline.stop)
      return timeline
    },
    settled: (count, seconds) =>
      until(`${count} ready pods`, seconds, () => {
        const ready = readyPods()
        return ready.length === count && watch.pods.length === count && ready
      }),
    produce(options) {
      const signal = AbortSignal.any([over.signal, options.signal ?? over.signal])
      const where = { broker: kafka.brokers.plaintext, topic: TOPIC, partitions }
      const production = produce(account, { ...where, ...options, signal })
      productions.add(production)
      return production
    },
    async drained(seconds) {
      await until('every record to be handled', seconds, () => {
        if (account.missing() === 0) return true
        throw new Error(`${account.missing()} are not, such as ${account.totals().lost[0]}`)
      })
    },
  }
}
