import { sleep } from '../../src/kernel/lifecycle.ts'
import type { Overview } from '../../src/observe/overview/types.ts'
import type { Scene } from './scene.ts'

/** What the page is looked at in. */
export interface State {
  readonly name: string
  begin(scene: Scene): Promise<void> | void
  /** Whether the page shows it. */
  isThere(overview: Overview): boolean
  /** Seconds for which it lasts before the picture, so that the sparklines have it. */
  readonly lasts: number
  end?(scene: Scene): Promise<void> | void
}

const says =
  (name: string): State['isThere'] =>
  ({ sentence }) =>
    sentence.name === name

/** One after the other. One without an end goes on into the next; else the service keeps up again first. */
export const STATES: readonly State[] = [
  { name: 'keeping-up', begin() {}, isThere: says('keeping-up'), lasts: 75 },
  {
    name: 'falling-behind',
    // Two pods with 8 calls at a time handle 32 of 60 records a second.
    begin: ({ handler }) => handler({ delay: 500 }),
    isThere: says('falling-behind'),
    lasts: 30,
  },
  {
    name: 'circuit-open',
    begin: ({ handler }) => handler({ fails: true }),
    isThere: says('circuit-open'),
    lasts: 20,
    end: ({ handler }) => handler({}),
  },
  {
    name: 'paused',
    begin: ({ post, topic }) =>
      post('/api/v1/pause', { topic, for: '30m', reason: 'the index is built anew' }),
    isThere: says('paused'),
    lasts: 15,
    end: ({ post, topic }) => post('/api/v1/resume', { topic }),
  },
  {
    name: 'dead-letters',
    async begin({ handler, kafka, topic }) {
      handler({ rejects: 40 })
      const { code, stderr } = await kafka.tools.consoleProducer(
        ['--topic', topic, ...['parse.key=true', 'key.separator=:'].flatMap(property)],
        // With keys they reach partitions of both pods.
        Array.from({ length: 24 }, (_, index) => `${index}:this is no document\n`).join(''),
      )
      if (code !== 0) throw new Error(`the bad records could not be produced: ${stderr}`)
    },
    isThere: ({ letters: { kinds } }) => kinds.length >= 2,
    lasts: 15,
    end: ({ handler }) => handler({}),
  },
  {
    name: 'broker-away',
    async begin({ kafka, silence }) {
      await silence()
      await kafka.kill()
    },
    isThere: ({ sentence, notes, numbers }) =>
      sentence.name === 'broker-lost' &&
      notes.every(({ name }) => name !== 'keeping-up') &&
      numbers.unknownPartitions > 0,
    lasts: 15,
    async end({ kafka, produce }) {
      await kafka.start()
      await produce()
    },
  },
]

function property(text: string): string[] {
  return ['--property', text]
}

/** Milliseconds. */
const PATIENCE = 180_000

/**
 * Brings all states about. @param there is called in each, when it has lasted
 */
export async function playStates(
  scene: Scene,
  say: (text: string) => void,
  there: (state: State) => Promise<void>,
): Promise<void> {
  const [pod] = scene.pods
  async function until(isThere: State['isThere'], what: string): Promise<void> {
    const end = performance.now() + PATIENCE
    for (;;) {
      const overview = await pod.status()
      if (isThere(overview)) return
      if (performance.now() > end) {
        throw new Error(`waited in vain for ${what}; the page says: ${overview.sentence.text}`)
      }
      await sleep(500)
    }
  }

  for (const state of STATES) {
    const { name, begin, isThere, lasts, end } = state
    await begin(scene)
    await until(isThere, name)
    await sleep(lasts * 1000)
    // A machine that is busy with other things may have fallen into another one meanwhile.
    await until(isThere, name)
    const { sentence, notes } = await pod.status()
    say(`${name}: ${[sentence, ...notes].map(({ text }) => text).join(' | ')}`)
    await there(state)
    await end?.(scene)
    if (end !== undefined) await until(says('keeping-up'), `the end of ${name}`)
  }
}
