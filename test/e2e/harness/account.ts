/** A line of the service's log as JSON; `pod` says whose. */
export interface LogLine {
  readonly pod: string
  readonly event: string
  readonly level: string
  readonly msg: string
  /** ISO 8601. */
  readonly time: string
  readonly [field: string]: unknown
}

export interface Totals {
  readonly produced: number
  /** Lines of the log sink, repeated ones included. */
  readonly handled: number
  /** Ids that no pod ever said it handled. */
  readonly lost: readonly string[]
  /** Times a record, told by its offset, was handled again. */
  readonly repeated: number
}

/** The longest time that a partition had a record waiting and none handled. Milliseconds. */
export interface Pause {
  readonly partition: string
  readonly milliseconds: number
}

export interface Pauses {
  /** Of partitions that stayed: the same pod handled the record before and the one after. */
  readonly stayed: Pause
  /** Of partitions that moved: another pod handled the record after. */
  readonly moved: Pause
  /** How often a partition moved. */
  readonly moves: number
}

/**
 * What went in and what came out. Lost is an id that nobody handled; repeated an offset that was
 * handled again, because a producer that retries may send an id twice.
 */
export interface Account {
  produced(id: string): void
  /** Any line of any pod's log. */
  add(line: LogLine): void
  totals(): Totals
  /** How many of what was produced is not handled yet. */
  missing(): number
  handledBy(pod: string): number
  /** By pod, as of now. */
  handledCounts(): ReadonlyMap<string, number>
  /** Offsets handled of one partition, in the order of the log. */
  offsets(topic: string, partition: number): readonly number[]
  /** Generations of the group that any pod was in. */
  generations(): ReadonlySet<number>
  /**
   * Between two times, by `Date.now()`. A partition that waits for its producer does not pause: its
   * next record counts from when it was made.
   */
  pauses(from?: number, to?: number): Pauses
}

interface Handled {
  readonly pod: string
  readonly id: string
  readonly offset: number
  readonly time: number
}

export function createAccount(): Account {
  /** When each id was made. */
  const produced = new Map<string, number>()
  const handled = new Set<string>()
  const offsets = new Set<string>()
  const byPod = new Map<string, number>()
  const byPartition = new Map<string, Handled[]>()
  const generations = new Set<number>()
  let lines = 0
  let missing = 0

  function addRecord({ pod, topic, partition, offset, time, value }: LogLine): void {
    const { id } = value as { readonly id: string }
    lines += 1
    if (!handled.has(id) && produced.has(id)) missing -= 1
    handled.add(id)
    offsets.add(`${topic}/${partition}/${offset}`)
    byPod.set(pod, (byPod.get(pod) ?? 0) + 1)
    const name = `${topic}/${partition}`
    const list = byPartition.get(name) ?? []
    list.push({ pod, id, offset: Number(offset), time: Date.parse(time) })
    byPartition.set(name, list)
  }

  return {
    produced(id) {
      produced.set(id, Date.now())
      if (!handled.has(id)) missing += 1
    },
    add(line) {
      if (line.event === 'record.logged') addRecord(line)
      if (line.event === 'group.rebalanced') generations.add(Number(line['generation']))
    },
    totals() {
      const lost = [...produced.keys()].filter((id) => !handled.has(id))
      return { produced: produced.size, handled: lines, lost, repeated: lines - offsets.size }
    },
    missing: () => missing,
    handledBy: (pod) => byPod.get(pod) ?? 0,
    handledCounts: () => new Map(byPod),
    offsets: (topic, partition) =>
      (byPartition.get(`${topic}/${partition}`) ?? []).map(({ offset }) => offset),
    generations: () => generations,
    pauses(from = 0, to = Number.POSITIVE_INFINITY) {
      const none = { partition: 'none', milliseconds: 0 }
      const longest = { stayed: none, moved: none, moves: 0 }
      for (const [partition, all] of byPartition) {
        const list = all.filter(({ time }) => time >= from && time <= to)
        list.sort((one, other) => one.time - other.time || one.offset - other.offset)
        for (const [index, { pod, id, time }] of list.entries()) {
          const before = list[index - 1]
          if (before === undefined) continue
          const kind = pod === before.pod ? 'stayed' : 'moved'
          if (kind === 'moved') longest.moves += 1
          const milliseconds = time - Math.max(before.time, produced.get(id) ?? 0)
          if (milliseconds > longest[kind].milliseconds) longest[kind] = { partition, milliseconds }
        }
      }
      return longest
    },
  }
}
