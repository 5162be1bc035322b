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
  /** Group generations that any pod was assigned partitions in: one more is one rebalance. */
  generations(): ReadonlySet<number>
  /**
   * The longest time that a partition had no record handled, between the first and the last of all.
   * Milliseconds. Only worth something while every partition has records waiting.
   */
  longestPause(): { readonly partition: string; readonly milliseconds: number }
}

export function createAccount(): Account {
  const produced = new Set<string>()
  const handled = new Set<string>()
  const offsets = new Set<string>()
  const byPod = new Map<string, number>()
  const byPartition = new Map<string, { offset: number; time: number }[]>()
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
    list.push({ offset: Number(offset), time: Date.parse(time) })
    byPartition.set(name, list)
  }

  return {
    produced(id) {
      produced.add(id)
      if (!handled.has(id)) missing += 1
    },
    add(line) {
      if (line.event === 'record') addRecord(line)
      if (line.event === 'partitions.assigned') generations.add(Number(line['generation']))
    },
    totals() {
      const lost = [...produced].filter((id) => !handled.has(id))
      return { produced: produced.size, handled: lines, lost, repeated: lines - offsets.size }
    },
    missing: () => missing,
    handledBy: (pod) => byPod.get(pod) ?? 0,
    handledCounts: () => new Map(byPod),
    offsets: (topic, partition) =>
      (byPartition.get(`${topic}/${partition}`) ?? []).map(({ offset }) => offset),
    generations: () => generations,
    longestPause() {
      let longest = { partition: 'none', milliseconds: 0 }
      for (const [partition, list] of byPartition) {
        const times = list.map(({ time }) => time).sort((a, b) => a - b)
        for (const [index, time] of times.entries()) {
          const milliseconds = time - (times[index - 1] ?? time)
          if (milliseconds > longest.milliseconds) longest = { partition, milliseconds }
        }
      }
      return longest
    },
  }
}
