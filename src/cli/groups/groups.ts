import type { GroupFacts, GroupLooks } from '../../broker/group-state/group-looks.ts'
import { isOfOtherTopic } from '../../broker/offsets/commit-metadata.ts'
import type { PartitionLog } from '../../broker/topics/topic-logs.ts'
import { uncommitted } from '../../group/partition-lag.ts'
import { codeOf } from '../../kernel/errors.ts'
import type { Flags } from '../arguments.ts'
import { cell, countCell, tableWidth, UNKNOWN } from '../terminal/cells.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { paint, table } from '../terminal/terminal.ts'
import { withBrokers } from './config.ts'
import type { groupsFlags } from './flags.ts'

interface GroupRow extends GroupFacts {
  /** Topics it has committed offsets of; null: this user may not read them. */
  readonly topics: readonly string[] | null
  /** Uncommitted records of those partitions; null: not known. */
  readonly lag: number | null
}

/** Prints the groups; exit code 0 even if there are none. */
export function groups(flags: Flags<typeof groupsFlags>, io: Io): Promise<number> {
  return withBrokers(flags, io, async ({ looks, logs }) => {
    const ids = flags.group === undefined ? await looks.ids() : [flags.group]
    const found: Array<readonly [GroupFacts, Committed | null]> = []
    for (const facts of await looks.describe(ids)) {
      found.push([facts, await committedOf(facts, looks)])
    }
    const topics = new Set(found.flatMap(([, committed]) => [...(committed?.keys() ?? [])]))
    // After the committed offsets; otherwise one could be beyond the end.
    const parts = await logs.look([...topics], true)
    const rows = found.map(([facts, committed]) => rowOf(facts, committed, parts))
    const [only] = rows
    if (flags.group !== undefined && only?.state === null && only.topics?.length === 0) {
      throw await looks.unknown(flags.group)
    }
    if (flags.json !== undefined) {
      for (const row of rows) io.stdout.write(`${JSON.stringify(jsonOf(row))}\n`)
    } else if (only === undefined) io.stdout.write('The user may see no consumer group.\n')
    else {
      const members = flags.group === undefined ? '' : `\n${membersText(only, io)}\n`
      io.stdout.write(`${groupsText(rows, io)}\n${members}`)
    }
    return 0
  })
}

type Committed = Awaited<ReturnType<GroupLooks['committed']>>

/** null: this user may not read them. */
async function committedOf({ id }: GroupFacts, looks: GroupLooks): Promise<Committed | null> {
  try {
    return await looks.committed(id)
  } catch (error) {
    if (codeOf(error) !== 'OCC_GROUP_NOT_AUTHORIZED') throw error
    return null
  }
}

/** @param parts all partitions of the topics of all groups */
function rowOf(
  facts: GroupFacts,
  committed: Committed | null,
  parts: readonly PartitionLog[],
): GroupRow {
  if (committed === null) return { ...facts, topics: null, lag: null }
  const topics = [...committed.keys()]
  let lag: number | null = topics.length === 0 ? null : 0
  for (const { topic, partition, topicId, low, end } of parts) {
    const found = committed.get(topic)?.get(partition)
    // A partition without a committed offset is not the group's yet.
    if (found === undefined || lag === null) continue
    const offset = isOfOtherTopic(found.topicId, topicId) ? (low ?? 0) : found.offset
    const own = low === null || end === null ? null : uncommitted(low, end, offset)
    lag = own === null ? null : lag + own
  }
  return { ...facts, topics, lag }
}

function groupsText(rows: readonly GroupRow[], io: Io): string {
  const header = ['Group', 'State', 'Members', 'Strategy', 'Lag', 'Topics']
  const style = paint(io.stdout, io.env)
  const cells = rows.map(({ id, state, members, protocol, lag, topics }) => [
    printable(id),
    cell(state, (text) => style(text === 'Stable' ? 'green' : 'yellow', text)),
    state === null ? UNKNOWN : String(members.length),
    protocol ?? (state === null ? UNKNOWN : 'none'),
    countCell(lag),
    topics === null ? UNKNOWN : printable(topics.join(', ')),
  ])
  return table(cells, { header, fit: { column: 5, width: tableWidth(io.stdout) } })
}

function membersText({ state, members }: GroupRow, io: Io): string {
  if (state === null) return 'Its coordinator does not say which members it has.'
  if (members.length === 0) return 'It has no member.'
  const header = ['Member', 'Client', 'Host', 'Partitions']
  const rows = members.map(({ memberId, clientId, host, partitions }) => [
    printable(memberId, 30),
    printable(clientId, 30),
    printable(host, 20),
    partitions.length === 0 ? 'none' : printable(partitions.join(', ')),
  ])
  return table(rows, { header, fit: { column: 3, width: tableWidth(io.stdout) } })
}

function jsonOf({ id, state, protocol, members, topics, lag }: GroupRow): object {
  return { group: id, state, protocol, members: state === null ? null : members, topics, lag }
}
