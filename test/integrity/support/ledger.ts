import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '../../../src/kernel/lifecycle.ts'
import { type GroupOffsets, readCommitted, readEnds } from './broker/group-offsets.ts'
import type { LogLine } from './service.ts'
import type { Scene } from './setup.ts'

/** One handling of a record. */
export interface Handling {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly isReplay: boolean
  /** Of the process. */
  readonly service: number
}

export interface Account {
  /** Offsets below the committed one, all partitions together. */
  readonly committed: number
  readonly handled: number
  /** `partition/offset` of what is committed and was never handled. */
  readonly lost: readonly string[]
  /** Handlings of what was handled already. */
  readonly again: number
  /** Of these, those of a partition that a member had lost, or whose process was killed, before. */
  readonly againAfterFence: number
  /** Commits that put an offset back. */
  readonly wentBack: readonly string[]
}

export interface Ledger {
  /** Says that this process was killed, just now. */
  killed(service: number): void
  /**
   * Resolves when all that is there is committed, of these partitions or of all. Rejects after so many seconds
   * without a commit.
   */
  committedToTheEnd(partitions?: readonly number[], seconds?: number): Promise<void>
  committed(): Promise<GroupOffsets>
  account(partitions?: readonly number[]): Promise<Account>
  close(): void
}

const LOOK_INTERVAL = 1_000

/** Keeps account of what a group commits, from now on, and of what its processes handle. */
export function openLedger(scene: Scene): Ledger {
  const { kafka, groupId, topic } = scene
  const newest = new Map<number, number>()
  const wentBack: string[] = []
  const kills: Array<{ service: number; time: number }> = []
  let isLooking = false
  const timer = setInterval(() => void look(), LOOK_INTERVAL)

  const committed = () => {
    const running = kafka.nodes.filter((node) => node.pid() !== undefined && !node.frozen())
    return readCommitted(
      running.map((node) => node.brokers.plaintext),
      groupId,
      topic,
    )
  }

  async function look(): Promise<void> {
    if (isLooking) return
    isLooking = true
    try {
      const { byPartition, coordinator } = await committed()
      for (const [partition, offset] of byPartition) {
        const before = newest.get(partition) ?? 0
        if (offset < before) {
          wentBack.push(`${partition}: ${before} to ${offset} (as ${coordinator} says)`)
        }
        newest.set(partition, offset)
      }
    } catch {
      // Nobody can tell now; the next look can.
    } finally {
      isLooking = false
    }
  }

  async function ends(wanted: readonly number[]): Promise<Map<number, number>> {
    const leaders = await kafka.cluster.leaders(topic)
    const all = new Map<number, number>()
    for (const node of kafka.nodes) {
      const led = wanted.filter((partition) => leaders.get(partition) === node.id)
      if (led.length === 0) continue
      const found = await readEnds(node.brokers.plaintext, topic, led)
      for (const [partition, end] of found) all.set(partition, end)
    }
    return all
  }

  const every = Array.from({ length: scene.partitions }, (_, partition) => partition)

  return {
    killed: (service) => kills.push({ service, time: Date.now() }),
    async committedToTheEnd(partitions = every, seconds = 120) {
      let [deadline, last, view] = [performance.now() + seconds * 1000, '', '']
      for (; ; await sleep(200)) {
        try {
          const [goal, { byPartition }] = [await ends(partitions), await committed()]
          const left = partitions.filter((each) => (byPartition.get(each) ?? 0) !== goal.get(each))
          if (left.length === 0) return
          view = left.map((each) => `${each}: ${byPartition.get(each)} of ${goal.get(each)}`).join()
          if (view !== last) deadline = performance.now() + seconds * 1000
          last = view
        } catch (error) {
          view = String(error)
        }
        if (performance.now() > deadline) throw new Error(`Not all is committed: ${view}`)
      }
    },
    committed,
    async account(partitions = every) {
      await look()
      const { byPartition } = await committed()
      const handled = readHandlings(scene.folder).filter((it) => partitions.includes(it.partition))
      const fences = readFences(scene.folder)
      const lost: string[] = []
      let total = 0
      let again = 0
      let againAfterFence = 0
      for (const partition of partitions) {
        const seen = new Map<number, Handling>()
        const own = handled.filter((each) => each.partition === partition)
        for (const each of own.sort((a, b) => a.time - b.time)) {
          const first = seen.get(each.offset)
          if (first === undefined) {
            seen.set(each.offset, each)
            continue
          }
          again += 1
          const isKilled = kills.some(({ service }) => service === first.service)
          const isFenced = fences.some(
            (fence) => fence.partition === partition && fence.time <= each.time,
          )
          if (isKilled || isFenced) againAfterFence += 1
        }
        const end = byPartition.get(partition) ?? 0
        total += end
        for (let offset = 0; offset < end; offset++) {
          if (!seen.has(offset)) lost.push(`${partition}/${offset}`)
        }
      }
      return { committed: total, handled: handled.length, lost, again, againAfterFence, wentBack }
    },
    close: () => clearInterval(timer),
  }
}

/** By all processes, unordered. A half-written last line is not a record. */
export function readHandlings(folder: string): Handling[] {
  return filesOf(folder, /^handled-(\d+)\.csv$/).flatMap(({ number, text }) =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => {
        const [, partition, offset, time, topic = '', replay] = line.split(',')
        return {
          topic,
          partition: Number(partition),
          offset: Number(offset),
          time: Number(time),
          isReplay: replay === '1',
          service: number,
        }
      }),
  )
}

/** Lines of all processes' logs, in their order of each. */
export function readLogs(folder: string): Array<LogLine & { readonly service_number: number }> {
  return filesOf(folder, /^log-(\d+)\.ndjson$/).flatMap(({ number, text }) =>
    text
      .split('\n')
      .slice(0, -1)
      .flatMap((line) =>
        line.startsWith('{') ? [{ ...JSON.parse(line), service_number: number }] : [],
      ),
  )
}

/** When a member lost partitions that it had not given up. */
export function readFences(folder: string): Array<{ partition: number; time: number }> {
  return readLogs(folder)
    .filter(({ event }) => event === 'partitions.lost')
    .flatMap((line) => {
      const time = Date.parse(String(line['time']))
      const names = line['partitions'] as readonly string[]
      return names.map((name) => ({
        partition: Number(name.slice(name.lastIndexOf('/') + 1)),
        time,
      }))
    })
}

/** How often each event was logged that is worse than information. */
export function troubles(folder: string): string {
  const counts = new Map<string, number>()
  for (const { level, event } of readLogs(folder)) {
    if (level === 'info' || level === 'debug') continue
    counts.set(event, (counts.get(event) ?? 0) + 1)
  }
  return [...counts].map(([event, count]) => `${event} ${count}`).join(', ') || 'none'
}

function filesOf(folder: string, pattern: RegExp): Array<{ number: number; text: string }> {
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => {
    const [, number] = pattern.exec(name) ?? []
    if (number === undefined) return []
    return [{ number: Number(number), text: readFileSync(join(folder, name), 'utf8') }]
  })
}
