import { encodeOperator } from '../../broker/offsets/commit-metadata.ts'
import type { OffsetClaims } from '../../broker/offsets/offset-claims.ts'
import type { AssignedPartition, Claim, MemberControl } from '../../broker/types.ts'
import type { CommitTarget } from '../../commit/committer.ts'
import { Line } from '../../commit/transactions/line.ts'
import type { Submission } from '../../commit/transactions/submission.ts'
import { Transactions } from '../../commit/transactions/transactions.ts'
import type { OwnStatements } from '../../commit/transactions/types.ts'
import { Written } from '../../commit/transactions/written.ts'
import type { Config } from '../../config/types.ts'
import type { Gate, LetterContext, ProcessorLane } from '../../flow/types.ts'
import type { RecordWriter } from '../../handle/write/write-round.ts'
import { codeOf } from '../../kernel/errors.ts'
import { keptIn } from '../../kernel/kept-in.ts'
import type { Log } from '../../kernel/log.ts'
import type { DeadLetter, DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import { type KafkaRecord, partitionName } from '../../kernel/shapes/record.ts'
import { NOT_MOVED } from '../../kernel/shapes/replay.ts'
import type { DeadLetterMeter, Meters } from '../../observe/types.ts'
import type { HeldSink } from '../../sink/emit/types.ts'
import { createOffsetClaims } from '../../sink/postgres/offsets/claims.ts'
import { createMigrateOnce } from '../../sink/postgres/tables/migrate-once.ts'
import { ownerName } from '../room-options.ts'
import { createKeeper } from './keep-letters.ts'
import { heldSinks, holdsLetters, offsetsMigration, openOffsetsPool } from './open-offsets-pool.ts'
import { transactionTarget } from './transaction-target.ts'

export interface OffsetStoreParts {
  readonly held: ReadonlyMap<string, HeldSink>
  readonly deadLetters: DeadLetterTarget
  readonly letterMeter: DeadLetterMeter
  readonly meters: Meters
  readonly log: Log
}

/** The store as one assignment of a partition has it. */
export interface OpenedStore {
  readonly writer: RecordWriter
  /** It was set back behind what this process has written. */
  readonly isBack: boolean
}

/** The offsets of one group beside Kafka, and the transactions that move them. */
export interface OffsetStore {
  readonly claims: OffsetClaims
  /** Closed while enough waits for a transaction. */
  readonly outlet: Gate
  /** null: the partition has no claim. */
  open(assigned: AssignedPartition, lane: ProcessorLane): OpenedStore | null
  /** As `DeadLetterTarget.keep`, with the offset of the record and what else is to be written. */
  keep(letter: DeadLetter, of: LetterContext): Promise<void>
  /** Finishes the record with statements of the service's own, and what else is to be written. */
  finish(record: KafkaRecord, own: OwnStatements, of: LetterContext): Promise<void>
  /** Commits to the store first, and then to Kafka what the store has. */
  target(member: Pick<MemberControl, 'commit'>): CommitTarget
  close(): Promise<void>
}

const DOUBT =
  'The answer of PostgreSQL to a commit was lost. The transaction is run again: the table of offsets says whether it was made. Its partitions wait until then.'

/** null: offsets are kept in Kafka alone. */
export function createOffsetStore(config: Config, parts: OffsetStoreParts): OffsetStore | null {
  const { offsets, kafka, sinks } = config
  if (offsets.store !== 'postgres') return null
  const { table, batch, maxConnections, migrate } = offsets.postgres
  const log = parts.log.child({ room: 'sink' })
  const group = kafka.groupId
  const pool = openOffsetsPool(config, log, {}, parts.meters)
  const owner = ownerName(config)
  const prepare = migrate ? createMigrateOnce(offsetsMigration(config), pool, log) : async () => {}
  const claims = createOffsetClaims({ group, table, owner }, pool, prepare)
  // Rows that overwrite each other stay in their order, and so do blocks and what supersedes them.
  const isOrdered = [...heldSinks(config)].some((name) => {
    const sink = sinks[name]
    return sink?.type === 'postgres' && (sink.onReorg !== 'keep' || (sink.update ?? []).length > 0)
  })
  const { process: meter } = parts.meters
  const transactions = new Transactions(
    transactionTarget(config, parts.held, pool),
    { ...batch, writers: isOrdered ? 1 : maxConnections - 1 },
    {
      ended(result, seconds) {
        meter.transactions[result] += 1
        if (result === 'ok' || result === 'failed') {
          for (const name of parts.held.keys()) parts.meters.sink(name).up = Number(result === 'ok')
        }
        if (result === 'doubt') log.warn({ event: 'offsets.doubt', group }, DOUBT)
        meter.transactionSeconds.observe(seconds)
      },
      wasFull(seconds) {
        meter.transactionQueueFullSeconds += seconds
      },
    },
  )
  const lines = new WeakMap<Claim, Line>()
  const written = new Map<string, Written>()
  const lineOf = (claim: Claim | undefined) => (claim === undefined ? undefined : lines.get(claim))
  const write = (submission: Submission) => transactions.write(submission)
  const keep = createKeeper({ ...parts, write, isJoined: holdsLetters(config) })

  return {
    outlet: transactions.queue,
    claims: {
      ...claims,
      async move({ topic, partition, offset, claim, operator }) {
        const line = lineOf(claim)
        if (line === undefined) throw new Error(`${topic}/${partition} has no claim`)
        const to = { offset, operator: encodeOperator(operator ?? NOT_MOVED, offset) }
        await transactions.write({ line, offsets: [], writes: [], recordTime: null, to })
      },
    },
    open({ claim, startOffset: next, finished }, { progress, signal }) {
      if (claim === undefined) return null
      const all = keptIn(written, partitionName(claim), () => new Written())
      const line = new Line(claim, progress, signal, all)
      lines.set(claim, line)
      const writer: RecordWriter = {
        write: (records, writes) =>
          transactions.write({
            line,
            offsets: records.map(({ offset }) => offset),
            writes,
            recordTime: records.reduce((newest, { timestamp }) => Math.max(newest, timestamp), -1),
          }),
      }
      return { writer, isBack: all.isAheadOf({ next, finished }) }
    },
    keep: (letter, { claim, writes }) => keep(letter, lineOf(claim), writes),
    async finish({ offset, timestamp }, own, { claim, writes }) {
      const line = lineOf(claim)
      if (line === undefined) throw new Error('a record is finished without a claim')
      await write({ line, offsets: [offset], writes, own, recordTime: timestamp })
    },
    target: (member) => ({
      async commit(wanted) {
        const advanced = await Promise.allSettled(
          wanted.map(async ({ claim }) => {
            const line = lineOf(claim)
            if (line !== undefined) await transactions.advance(line)
          }),
        )
        for (const result of advanced) {
          if (result.status === 'rejected' && codeOf(result.reason) !== 'OCC_OFFSETS_FENCED') {
            throw result.reason
          }
        }
        const own = wanted.filter((_, index) => advanced[index]?.status === 'fulfilled')
        if (own.length > 0) await member.commit(own)
      },
    }),
    async close() {
      transactions.close()
      await pool.close()
    },
  }
}
