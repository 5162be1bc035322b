import type { RawBatch } from '../../broker/types.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import type { FastHistogram, TopicMeter } from '../../observe/types.ts'
import type { BatchesTask, BatchReport, WorkerAnswer } from '../protocol.ts'
import { toWireError } from '../wire.ts'
import { type Answers, createAnswers, type Running, runRecords } from './slice-run.ts'

/** Decodes the records of a batch from an offset on; throws if the batch cannot be read. */
export type ReadBatch = (
  raw: RawBatch,
  place: TopicPartition,
  from: number,
) => readonly KafkaRecord[]

export interface BatchesWork extends Running {
  readonly task: BatchesTask
  readonly read: ReadBatch
  /** The histograms for the measured times. */
  readonly meter: Pick<TopicMeter, 'handleSeconds' | 'endToEndSeconds'>
  /** Whether another record may be begun. */
  mayContinue(): boolean
}

export type BatchesTold = Pick<
  WorkerAnswer,
  'batches' | 'isDone' | 'times' | 'outcomes' | 'handlers'
>

/**
 * Decodes whole batches in the worker and handles their records, one batch after the other. Stops
 * at a batch that cannot be read or, with `ordered`, at a record that needs another attempt. Never
 * rejects.
 */
export async function runBatches(work: BatchesWork): Promise<BatchesTold> {
  const { task, meter } = work
  const answers = createAnswers(new Uint8Array(task.states))
  const times = {
    handle: meter.handleSeconds.empty(),
    endToEnd: meter.endToEndSeconds.empty(),
  }
  const reports: BatchReport[] = []
  let first = 0
  let at = 0
  for (const { from, length, count, maxBatchBytes } of task.batches) {
    if (!work.mayContinue()) break
    let records: readonly KafkaRecord[]
    try {
      records = work.read({ bytes: Buffer.from(task.bytes, at, length), maxBatchBytes }, task, from)
    } catch (error) {
      reports.push({ ...reportOf([]), error: toWireError(error) })
      break
    }
    const report = reportOf(records)
    reports.push(report)
    if (!(await runBatch(work, { records, first, report }, times, answers))) break
    first += count
    at += length
  }
  const { outcomes, handlers } = answers
  const isDone = reports.length === task.batches.length && reports.every(isWhole)
  const measured = { handle: times.handle.observed(), endToEnd: times.endToEnd.observed() }
  return { batches: reports, isDone, times: measured, outcomes, handlers }
}

type Report = { -readonly [Field in keyof BatchReport]: BatchReport[Field] }

interface Batch {
  readonly records: readonly KafkaRecord[]
  /** Index of its first record's state. */
  readonly first: number
  readonly report: Report
}

function runBatch(
  work: BatchesWork,
  { records, first, report }: Batch,
  times: { readonly handle: FastHistogram; readonly endToEnd: FastHistogram },
  answers: Answers,
): Promise<boolean> {
  const run = {
    ...work,
    records,
    first,
    done({ timestamp }: KafkaRecord, outcome: Outcome, seconds: number) {
      times.handle.observe(seconds)
      if (outcome.kind !== 'ok' && outcome.kind !== 'skip') return
      times.endToEnd.observe((Date.now() - timestamp) / 1000)
      // Such a batch is no evidence that its topic can be decoded: the main thread opens it.
      if (outcome.kind === 'skip' && outcome.unread === true) return
      if (outcome.kind === 'ok') report.handled += 1
      else report.skipped += 1
    },
  }
  return runRecords(run, answers)
}

function reportOf(records: readonly KafkaRecord[]): Report {
  let bytes = 0
  for (const { value } of records) bytes += value?.length ?? 0
  const lastTimestamp = records.at(-1)?.timestamp ?? null
  return { records: records.length, bytes, handled: 0, skipped: 0, lastTimestamp, error: null }
}

function isWhole({ records, handled, skipped, error }: BatchReport): boolean {
  return error === null && handled + skipped === records
}
