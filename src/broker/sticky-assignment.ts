/** What one member wants and what it had. */
export interface Claim {
  readonly memberId: string
  readonly topics: readonly string[]
  /** Generation in which it owned `owned`; the newest wins where two claim a partition. */
  readonly generation: number
  readonly owned: Readonly<Record<string, readonly number[]>>
}

export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

type Assigned = Map<string, Record<string, number[]>>

/**
 * Splits all partitions over the members evenly (counts differ by at most one where all members
 * read all topics), moving as few as that allows. Deterministic for the same input.
 */
export function assignSticky(
  claims: readonly Claim[],
  topics: readonly TopicPartitions[],
): Assigned {
  const members = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const assigned: Assigned = new Map(members.map(({ memberId }) => [memberId, {}]))
  const counts = new Map(members.map(({ memberId }) => [memberId, 0]))
  const total = topics.reduce((sum, { partitions }) => sum + partitions.length, 0)
  const floor = Math.floor(total / Math.max(1, members.length))
  let aboveFloor = total - floor * members.length

  const give = ({ memberId }: Claim, topic: string, partition: number) => {
    const own = assigned.get(memberId) ?? {}
    own[topic] = [...(own[topic] ?? []), partition]
    counts.set(memberId, (counts.get(memberId) ?? 0) + 1)
  }
  const countOf = ({ memberId }: Claim) => counts.get(memberId) ?? 0

  const previousOwner = ownersOf(members)
  const homeless: Array<{ topic: string; partition: number }> = []
  for (const { topic, partitions } of topics) {
    for (const partition of [...partitions].sort((a, b) => a - b)) {
      const owner = previousOwner.get(`${topic}/${partition}`)
      const count = owner?.topics.includes(topic) ? countOf(owner) : Number.POSITIVE_INFINITY
      const extra = count === floor && aboveFloor > 0
      if (owner !== undefined && (count < floor || extra)) {
        if (extra) aboveFloor -= 1
        give(owner, topic, partition)
      } else homeless.push({ topic, partition })
    }
  }

  for (const { topic, partition } of homeless) {
    const readers = members.filter((member) => member.topics.includes(topic))
    const [first, ...rest] = readers
    if (first === undefined) continue
    give(
      rest.reduce((least, member) => (countOf(member) < countOf(least) ? member : least), first),
      topic,
      partition,
    )
  }
  return assigned
}

/** The member with the newest claim of each partition. */
function ownersOf(members: readonly Claim[]): Map<string, Claim> {
  const owners = new Map<string, Claim>()
  for (const member of members) {
    for (const [topic, partitions] of Object.entries(member.owned)) {
      for (const partition of partitions) {
        const rival = owners.get(`${topic}/${partition}`)
        if (rival === undefined || rival.generation < member.generation) {
          owners.set(`${topic}/${partition}`, member)
        }
      }
    }
  }
  return owners
}
