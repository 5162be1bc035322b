import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import { fixRequestQueue } from '../../../src/broker/connection/request-queue-fix.ts'
import { createTopic } from '../../../src/broker/topics/create-topic.ts'
import { sleep, type UndoStack } from '../../../src/kernel/lifecycle.ts'
import { startChromium } from '../../browser/chromium.ts'
import { savePicture } from '../../browser/screenshots.ts'
import { demoFolder } from '../../demo/parts.ts'
import { startKafka } from '../../kafka/embedded-kafka.ts'
import { securedEnvironment } from '../../kafka/secured-environment.ts'
import type { EmbeddedKafka, KafkaOptions } from '../../kafka/types.ts'
import { root } from '../../tools.ts'
import { CHAPTERS } from './chapters.ts'
import { type PodOptions, RUNBOOK, type ShownPod, showPod } from './shown-pod.ts'

/** Milliseconds. */
const PATIENCE = 120_000
const LOOK = 200

/** Where acts bring conditions about. */
export interface Stage {
  readonly kafka: EmbeddedKafka
  readonly admin: Admin
  readonly client: Kafka
  readonly undo: UndoStack
  /** For files of an act. */
  readonly folder: string
  /** Variables of a pod that logs in as the user of `kafka.credentials`, over TLS. @param ca default: that of the broker */
  secured(ca?: string): Promise<Record<string, string>>
  createTopic(topic: string, partitions?: number, config?: Record<string, string>): Promise<void>
  send(topic: string, messages: readonly Message[]): Promise<void>
  pod(name: string, options: PodOptions): Promise<ShownPod>
  /**
   * Waits until the page of the pod says it, in its sentence or, with `isNote`, below it; then its words, its
   * chapter and its link are looked at.
   */
  sees(pod: ShownPod, name: string, how?: Sight): Promise<void>
}

export interface Sight {
  readonly isNote?: boolean
  /** Default: that of `CHAPTERS`. */
  readonly chapter?: string
  /** Milliseconds; default: two minutes. */
  readonly patience?: number
}

export interface StageOptions {
  readonly kafka?: KafkaOptions
  /** Told of everything that was seen. */
  say(text: string): void
  /** A condition was seen. */
  saw?(name: string): void
  /** Folder for a picture of each; null: none are taken. */
  readonly pictures: string | null
}

/** A Kafka and a browser, until `undo`. */
export async function createStage(
  undo: UndoStack,
  { kafka: kafkaOptions = {}, say, saw, pictures }: StageOptions,
): Promise<Stage> {
  const folder = demoFolder(undo)
  const [kafka, browser] = await Promise.all([startKafka(kafkaOptions), startChromium()])
  undo.push('browser', () => browser.close())
  undo.push('kafka', () => kafka.close())
  fixRequestQueue()
  const client = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING })
  const [admin, producer] = [client.admin(), client.producer({ metadataMaxAge: 100 })]
  await Promise.all([admin.connect(), producer.connect()])
  undo.push('client', async () => {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()])
  })
  if (pictures !== null) mkdirSync(pictures, { recursive: true })
  const chapters = chaptersOfOperations()

  async function sees(pod: ShownPod, name: string, how: Sight = {}) {
    const { isNote = false, chapter = CHAPTERS[name], patience = PATIENCE } = how
    const end = performance.now() + patience
    assert.ok(
      chapter !== undefined,
      `${name} is no condition of dev/pictures/conditions/chapters.ts`,
    )
    const selector = isNote ? `.notes li[data-name="${name}"]` : `#sentence[data-name="${name}"]`
    const words = isNote ? `${selector} > span` : `${selector} > h1`
    const link = `${isNote ? selector : `${selector} >`} a.chapter`
    const [text, href] = await lookFor(pod, { name, chapter, words, link, end })
    assert.equal(href, linkTo(chapter), `the link of ${name}`)
    assert.ok(
      chapter === null || chapters.has(chapter),
      `${chapter} is no chapter of operations.md`,
    )
    saw?.(name)
    say(`${name}: ${text}${chapter === null ? '' : ` -> ${chapter}`}`)
    if (pictures !== null) await savePicture(pod.page, join(pictures, `${name}.webp`))
  }

  return {
    ...{ kafka, admin, client, undo, folder, sees },
    async secured(ca = kafka.certificates.ca) {
      const env = await securedEnvironment(kafka, join(folder, 'password'))
      return { ...env, KAFKA_SSL_CA_LOCATION: ca }
    },
    async createTopic(topic, numPartitions = 1, config = {}) {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
      await createTopic(admin, { topic, numPartitions, configEntries })
    },
    send: (topic, messages) => sent(producer, topic, messages),
    pod: (name, options) => showPod(name, options, { kafka, folder, browser, undo }),
  }
}

const linkTo = (chapter: string | null) => (chapter === null ? null : `${RUNBOOK}#${chapter}`)

interface Wanted {
  readonly name: string
  readonly chapter: string | null
  /** Selectors. */
  readonly words: string
  readonly link: string
  /** Monotonic milliseconds. */
  readonly end: number
}

/**
 * Waits for the pod to have the condition, then for its page to show it. @returns what that says, and where the
 * link goes
 */
async function lookFor(
  { page, url, status }: ShownPod,
  { name, chapter, words, link, end }: Wanted,
): Promise<readonly [text: string, href: string | null]> {
  const wanted = linkTo(chapter)
  for (;;) {
    const { sentence, notes } = await status()
    const isOver = performance.now() > end
    const has = [sentence, ...notes].some((each) => each.name === name && each.chapter === chapter)
    if (has || isOver) {
      await page.goto(`${url}/`, { waitUntil: 'domcontentloaded' })
      const [found, links] = [page.locator(words).first(), page.locator(link).first()]
      if ((await found.count()) > 0) {
        const href = (await links.count()) > 0 ? await links.getAttribute('href') : null
        if (href === wanted || isOver) return [await found.innerText(), href]
      }
    }
    if (isOver) throw new Error(`waited in vain for ${name}; the pod says: ${sentence.text}`)
    await sleep(LOOK)
  }
}

/** kafkajs resolves with nothing, having sent nothing, while it does not know the partition. */
async function sent(producer: Producer, topic: string, messages: readonly Message[]) {
  for (;;) {
    const answers = await producer.send({ topic, messages: [...messages], acks: -1 })
    if (answers.length > 0) return
    await sleep(LOOK)
  }
}

/** As GitHub makes them of headings. */
function chaptersOfOperations(): ReadonlySet<string> {
  const text = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  return new Set(
    Array.from(text.matchAll(/^##+ (.*)$/gm), ([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}
