import { type GroupSample, partitionLags } from '../../group/partition-lag.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { durationOf, type Flags } from '../arguments.ts'
import { namesService, withServices } from '../service/reach.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { intervalOf, watch } from '../terminal/watch.ts'
import { type GroupOfFlags, withGroup } from './config.ts'
import type { lagFlags } from './flags.ts'
import { createLagReader, type LagReading } from './lag-reading.ts'
import { lagJson, lagText } from './lag-text.ts'
import { readPodLag } from './pod-lag.ts'
import { heldPartitions } from './service-holds.ts'

type LagFlags = Flags<typeof lagFlags>

const ALL = { services: 'all', token: false } as const

/** Rates of `--watch` are those of this time. Milliseconds. */
const WINDOW = 60_000

/** What one look gives. */
type Reading = LagReading & { readonly held: ReadonlySet<string> }

/** Prints the lag of a group: once, after two readings, or again and again. */
export function lag(flags: LagFlags, io: Io): Promise<number> {
  const { release, brokers, config } = flags
  if (release !== undefined && brokers === undefined && config === undefined) {
    return show(() => readPods(release, flags, io), flags, io)
  }
  return withGroup(flags, io, (found) => {
    const readLag = createLagReader(found, flags.topic)
    const read = async () => ({ ...(await readLag()), held: await held(found, flags, io) })
    return show(read, flags, io)
  })
}

/** Asks no broker: from where the pods of a release can be reached, the brokers often cannot. */
function readPods(release: string, flags: LagFlags, io: Io): Promise<Reading> {
  return withServices(flags, ALL, io, async ({ services, silent }) => {
    const asked = { release, groupId: flags.group, topic: flags.topic }
    const reading = await readPodLag(services, asked)
    for (const { name, reason } of silent) io.stderr.write(`${name} ${reason}\n`)
    if ((reading.elsewhere ?? 0) > 0) {
      io.stderr.write(`Partitions that none of these pods has: ${reading.elsewhere}\n`)
    }
    return reading
  })
}

async function held(
  { groupId }: GroupOfFlags,
  flags: LagFlags,
  io: Io,
): Promise<ReadonlySet<string>> {
  if (!namesService(flags)) return new Set()
  return withServices(flags, ALL, io, ({ services }) =>
    heldPartitions(
      services.map(({ url }) => url),
      groupId,
    ),
  )
}

async function show(look: () => Promise<Reading>, flags: LagFlags, io: Io): Promise<number> {
  const over = durationOf('--over', flags.over ?? '5s')
  const interval = intervalOf(flags.interval)
  const { signal, release } = interruptSignal(io)
  const samples: GroupSample[] = []

  async function read() {
    const { group, sample, held } = await look()
    const before = keptSince(samples, sample.at - WINDOW)
    samples.push(sample)
    return { group, partitions: partitionLags(before, sample, Date.now(), held) }
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
