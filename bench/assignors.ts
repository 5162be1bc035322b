// node_modules/.bin/node bench/assignors.ts: groups of many members, simulated without a broker: what an
// assignment costs, how large the requests get, and how many partitions move.
import { randomUUID } from 'node:crypto'
import {
  assignors,
  type GroupAssignment,
  type MemberSubscription,
} from '../src/broker/group/assignors/index.ts'
import type { AssignorName } from '../src/broker/types.ts'
import { formatBytes, table } from '../src/cli/terminal/terminal.ts'
import { createRandom } from '../test/support/random.ts'
import {
  accept,
  type Group,
  leastMoves,
  movedBetween,
  newMember,
  partitionsUpTo,
} from './assignors/history.ts'
import { type Sizes, sizesOf } from './assignors/sizes.ts'
import { count, readFlags } from './flags.ts'
import { median } from './report.ts'

const { steps, seed } = readFlags(
  'node_modules/.bin/node bench/assignors.ts',
  {
    steps: { value: 'N', about: 'times that members come and go; default: 30' },
    seed: { value: 'N', about: 'of what happens; default: 1' },
  },
  (flags) => ({ steps: count('steps', flags.steps, 30), seed: count('seed', flags.seed, 1) }),
)

interface Scene {
  readonly assignor: AssignorName
  readonly members: number
  readonly partitions: number
  readonly equal: boolean
}

interface Outcome {
  readonly times: number[]
  readonly rounds: number[]
  readonly sizes: Sizes
  readonly moved: number
  readonly least: number
}

const TOPICS = 50

function simulate({ assignor, members, partitions, equal }: Scene): Outcome {
  const random = createRandom(seed)
  const topics = new Map<string, readonly number[]>()
  for (let index = 0; index < TOPICS; index++) {
    const name = `onchain.solana.transactions.${String(index).padStart(2, '0')}`
    topics.set(name, partitionsUpTo(partitions / TOPICS))
  }
  const names = [...topics.keys()]
  const join = (): MemberSubscription => {
    // Three kinds of members at most, as deployments that read different topics.
    const from = equal ? 0 : 5 * random(3)
    return newMember(
      `onchain-consumer-${randomUUID()}`,
      names.slice(from, from + (equal ? 50 : 40)),
    )
  }
  const group: Group = { members: Array.from({ length: members }, join), topics, generation: 0 }
  const times: number[] = []
  const rounds: number[] = []
  let moved = 0
  let least = 0
  let last: GroupAssignment = new Map()
  for (let step = 0; step <= steps; step++) {
    if (step > 0) {
      // A tenth of them at most goes, and as many may come: the group grows and shrinks.
      const tenth = members / 10
      const leaving = new Set(Array.from({ length: random(tenth) }, () => random(members / 2)))
      group.members = group.members.filter((_, index) => !leaving.has(index))
      for (let joining = random(tenth); joining > 0; joining--) group.members.push(join())
      least += leastMoves(group.members, topics)
    }
    for (let round = 1; ; round++) {
      // Of the CPU: what else the machine is busy with does not count.
      const from = process.cpuUsage()
      const assignment = assignors[assignor].assign(group.members, topics)
      const { user, system } = process.cpuUsage(from)
      times.push((user + system) / 1000)
      const lost = movedBetween(group.members, assignment)
      if (step > 0) moved += lost
      accept(group, assignment)
      last = assignment
      if (lost > 0 && assignors[assignor].protocol === 'cooperative') continue
      rounds.push(round)
      break
    }
  }
  return { times, rounds, sizes: sizesOf(group.members, last, assignor), moved, least }
}

const scenes: Scene[] = []
for (const [members, partitions] of [
  [100, 5_000],
  [1_000, 5_000],
  [1_000, 50_000],
] as const) {
  for (const equal of [true, false]) {
    for (const assignor of ['cooperative-sticky', 'sticky'] as const) {
      scenes.push({ assignor, members, partitions, equal })
    }
  }
}

const rows = scenes.map((scene) => {
  console.error(`${scene.assignor}, ${scene.members} members, ${scene.partitions} partitions`)
  const { times, rounds, sizes, moved, least } = simulate(scene)
  return [
    `${scene.members}`,
    `${scene.partitions}`,
    scene.equal ? 'equal' : 'unequal',
    scene.assignor,
    `${median(times).toFixed(1)}`,
    `${Math.max(...times).toFixed(1)}`,
    `${Math.max(...rounds)}`,
    `${moved}`,
    scene.equal ? `${least}` : '-',
    formatBytes(sizes.joinResponse),
    formatBytes(sizes.syncRequest),
    formatBytes(sizes.record),
    formatBytes(sizes.recordGzip),
    formatBytes(sizes.recordZstd),
    `${Math.round(scene.members / 3)}`,
  ]
})
console.log(
  table(rows, {
    header: [
      'members',
      'partitions',
      'subscriptions',
      'assignor',
      'CPU ms, median',
      'CPU ms, max',
      'rounds',
      'moved',
      'least',
      'JoinGroup answer',
      'SyncGroup request',
      'group record',
      'gzip',
      'zstd',
      'heartbeats/s',
    ],
  }),
)
