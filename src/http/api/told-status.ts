import { isOldestState, type OldestRecord } from '../../kernel/shapes/oldest-record.ts'
import type {
  PartitionFacts,
  PartitionWord,
  ToldByPod,
  ToldPartition,
} from '../../observe/overview/types.ts'

const WORDS: ReadonlySet<unknown> = new Set<PartitionWord>([
  'ok',
  'behind',
  'growing',
  'stalled',
  'held',
  'unknown',
])
/** Partitions of one pod, and characters of a text, at most. */
const MAX_PARTITIONS = 10_000
const MAX_TEXT = 500

type Fields = Readonly<Record<string, unknown>>

/** What a pod says of itself in its answer to `/api/v1/status?own=true`. */
export interface ToldStatus extends ToldByPod {
  readonly group: string
  readonly startedAt: string
}

/**
 * Reads it. The pod may have another version, during an upgrade: what it does not say is not known.
 * @throws Error if it is no answer of a pod
 */
export function toldStatus(text: string): ToldStatus {
  const { service, partitions } = fieldsOf(JSON.parse(text))
  const { pod, group, startedAt } = fieldsOf(service)
  if (typeof pod !== 'string' || typeof group !== 'string' || !Array.isArray(partitions)) {
    throw new Error('answers something else: is that a pod of this release (http.peers)?')
  }
  return {
    ...{ pod: cut(pod), group, startedAt: String(startedAt) },
    partitions: partitions.slice(0, MAX_PARTITIONS).flatMap((each) => partitionIn(fieldsOf(each))),
  }
}

/** Only what it has itself. */
function partitionIn({ group, topic, partition, word, facts }: Fields): ToldPartition | [] {
  if (typeof topic !== 'string' || !Number.isSafeInteger(partition) || facts == null) return []
  return {
    ...(typeof group === 'string' && { group }),
    ...{ topic, partition: Number(partition) },
    word: WORDS.has(word) ? (word as PartitionWord) : 'unknown',
    facts: factsIn(fieldsOf(facts)),
  }
}

function factsIn(facts: Fields): PartitionFacts {
  const number = (name: keyof PartitionFacts) => {
    const value = facts[name]
    return typeof value === 'number' && Number.isFinite(value) ? value : null
  }
  const text = (name: keyof PartitionFacts) => {
    const value = facts[name]
    return typeof value === 'string' ? cut(value) : null
  }
  return {
    endAgeSeconds: number('endAgeSeconds'),
    // A version that does not say how old it is does not know better.
    isCurrent: facts['isCurrent'] !== false,
    lag: number('lag'),
    lagSeconds: number('lagSeconds'),
    secondsUntilLoss: number('secondsUntilLoss'),
    secondsToDrain: number('secondsToDrain'),
    inPerSecond: number('inPerSecond'),
    outPerSecond: number('outPerSecond'),
    end: number('end'),
    committed: number('committed'),
    position: number('position'),
    inFlight: number('inFlight') ?? 0,
    retrying: number('retrying') ?? 0,
    suspects: number('suspects') ?? 0,
    oldestInFlightSeconds: number('oldestInFlightSeconds'),
    oldest: oldestIn(facts['oldest']),
    // That pod's own page has it.
    replay: null,
    pausedBy: text('pausedBy'),
    problem: text('problem'),
    blockedByTransaction: number('blockedByTransaction'),
    member: text('member') ?? '',
  }
}

/** Handlers of one record, at most. */
const MAX_HANDLERS = 20

function oldestIn(value: unknown): OldestRecord | null {
  const { offset, attempt, state, handlers, handler, code } = fieldsOf(value)
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(attempt) || !isOldestState(state)) {
    return null
  }
  const names = Array.isArray(handlers) ? handlers.slice(0, MAX_HANDLERS) : []
  return {
    ...{ offset: Number(offset), attempt: Number(attempt), state },
    handlers: names.flatMap((name) => (typeof name === 'string' ? cut(name) : [])),
    handler: typeof handler === 'string' ? cut(handler) : null,
    code: typeof code === 'string' ? cut(code) : null,
  }
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

const cut = (text: string) => text.slice(0, MAX_TEXT)
