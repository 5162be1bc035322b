import { type GroupSample, partitionLags } from '../../group/partition-lag.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { durationOf, type Flags } from '../arguments.ts'
import { namesService, withServices } from '../service/reach.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { intervalOf, watch } from '../terminal/watch.ts'
import { type GroupOfFlags, withGroup } from './config.ts'
import type { lagFlags } from './flags.ts'
import { createLagReader } from './lag-reading.ts'
import { lagJson, lagText } from './lag-text.ts'
import { heldPartitions } from './service-holds.ts'

/** Rates of `--watch` are those of this time. Milliseconds. */
const WINDOW = 60_000

/** Prints the lag of a group: once, after two readings, or again and again. */
export function lag(flags: Flags<typeof lagFlags>, io: Io): Promise<number> {
  return withGroup(flags, io, (found) => show(found, flags, io))
}

async function show(found: GroupOfFlags, flags: Flags<typeof lagFlags>, io: Io): Promise<number> {
  const over = durationOf('--over', flags.over ?? '5s')
  const interval = intervalOf(flags.interval)
  const { signal, release } = interruptSignal(io)
  const readLag = createLagReader(found, flags.topic)
  const samples: GroupSample[] = []

  async function held(): Promise<ReadonlySet<string>> {
    if (!namesService(flags)) return new Set()
    return withServices(flags, { services: 'all', token: false }, io, ({ services }) =>
      heldPartitions(
        services.map(({ url }) => url),
        found.groupId,
      ),
    )
  }

  async function read() {
    const { group, sample } = await readLag()
    const paused = await held()
    const before = keptSince(samples, sample.at - WINDOW)
    samples.push(sample)
    return { group, partitions: partitionLags(before, sample, Date.now(), paused) }
  }

  async function draw(): Promise<string> {
    const view = await read()
    return flags.json === undefined ? lagText(view, io) : JSON.stringify(lagJson(view, Date.now()))
  }

  try {
    if (flags.watch !== undefined) await watch(io, interval, signal, draw)
    else {
      if (over > 0) {
        await read()
        await sleep(over, signal)
      }
      io.stdout.write(`${await draw()}\n`)
    }
    return 0
  } finally {
    release()
  }
}

/** The first sample since then, or the last one; older ones are removed. null: there is none. */
export function keptSince(samples: GroupSample[], since: number): GroupSample | null {
  const first = samples.findIndex(({ at }) => at > since)
  samples.splice(0, first === -1 ? samples.length - 1 : first)
  return samples[0] ?? null
}
