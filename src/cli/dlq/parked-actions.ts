import { createDeadLetterTarget } from '../../app/sinks/create-dead-letters.ts'
import { OccError } from '../../kernel/errors.ts'
import type { DeadLetterTarget } from '../../kernel/shapes/dead-letter.ts'
import { redrivesOf } from '../../kernel/shapes/dead-letter.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import {
  type SelectedRecords,
  selectParkedRecords,
  type TakenRecord,
} from '../../sink/postgres/parked/selected.ts'
import { type Flags, usageError } from '../arguments.ts'
import { commandLog } from '../terminal/command-log.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { formatCount } from '../terminal/terminal.ts'
import { DEFAULT_LIMIT, type dropFlags, limitOf, type redriveFlags } from './flags.ts'
import {
  countText,
  type OpenedParked,
  parkedTable,
  reportMissingParked,
  withParked,
} from './parked-selection.ts'

/** Milliseconds that a command keeps what it has taken, if it is killed. */
const LEASE = 60_000
const NOT_HERE = [
  'to-topic',
  'to-group',
  'to-handlers',
  'rate',
  'max-redrives',
  'resend',
] as const satisfies ReadonlyArray<keyof typeof redriveFlags>

/** Parked records are due now: a dry run unless `--yes` is given. */
export async function redriveParked(
  names: readonly string[],
  flags: Flags<typeof redriveFlags>,
  io: Io,
): Promise<number> {
  const wrong = NOT_HERE.find((flag) => flags[flag] !== undefined)
  if (wrong !== undefined) {
    throw usageError(
      `--${wrong} does not go with --parked: the service handles them where they are`,
    )
  }
  return act(names, flags, io, {
    what: 'to be handled now',
    hint: 'Nothing was changed. Add --yes, and they are due now.',
    done: 'are due now.',
    async next(selected, most) {
      const seen = await selected.dueNow(most)
      return { seen, done: seen }
    },
  })
}

/** Parked records become dead letters: a dry run unless `--yes` is given. */
export async function dropParked(
  names: readonly string[],
  flags: Flags<typeof dropFlags>,
  io: Io,
): Promise<number> {
  return act(names, flags, io, {
    what: 'to drop',
    hint: 'Nothing was dropped. Add --yes, and they become dead letters.',
    done: 'became dead letters (OCC_PARKED_DROPPED): dlq drop deletes these, dlq redrive sends them again.',
    async next(selected, most, target) {
      const taken = await selected.take(most)
      let dropped = 0
      for (const [index, each] of taken.entries()) {
        try {
          // First, so that it is in one of the two places at any moment.
          await target.keep(letterOf(each))
          if (await selected.end(each)) dropped += 1
        } catch (error) {
          const left = taken.slice(index)
          await Promise.allSettled(left.map((one) => selected.release(one)))
          throw error
        }
      }
      return { seen: taken.length, done: dropped }
    },
  })
}

interface Action {
  readonly what: string
  readonly hint: string
  readonly done: string
  /** Acts on the next ones. Returns how many there were, and were changed; none: it is over. */
  next(
    selected: SelectedRecords,
    most: number,
    target: DeadLetterTarget,
  ): Promise<{ readonly seen: number; readonly done: number }>
}

async function act(
  names: readonly string[],
  flags: Flags<typeof dropFlags>,
  io: Io,
  action: Action,
): Promise<number> {
  const limit = limitOf(flags, Number.MAX_SAFE_INTEGER)
  return withParked(flags, names, io, async (opened) => {
    // A record that is parked for several handlers has several rows.
    const { rows, total } = await opened.read(Math.max(DEFAULT_LIMIT, names.length * 4))
    if (reportMissingParked(names, rows, io)) return 1
    const print = (text: string) => io.stdout.write(`${text}\n`)
    if (rows.length > 0) print(`${parkedTable(rows)}\n`)
    print(`${countText(Math.min(total, limit))} ${action.what}`)
    if (total === 0) return 0
    if (flags.yes === undefined) {
      print(`\n${action.hint}`)
      return 0
    }
    return execute(opened, limit, action, io)
  })
}

async function execute(
  { config, pool, table, filter }: OpenedParked,
  limit: number,
  { next, done: text }: Action,
  io: Io,
): Promise<number> {
  const log = commandLog(io, 'warn')
  const target = createDeadLetterTarget(config, { clock: systemClock, log })
  const interrupt = interruptSignal(io)
  const selected = selectParkedRecords(pool, table, filter, { lease: LEASE, owner: 'dlq drop' })
  let done = 0
  let seen = 0
  try {
    while (seen < limit && !interrupt.signal.aborted) {
      const step = await next(selected, limit - seen, target)
      if (step.seen === 0) break
      seen += step.seen
      done += step.done
    }
  } finally {
    interrupt.release()
    await target.close()
    io.stdout.write(`\n${formatCount(done)} ${text}\n`)
  }
  return interrupt.signal.aborted ? 1 : 0
}

function letterOf({ record, due, attempts, group, reason }: TakenRecord) {
  const text = `It was parked (${reason}), and dropped by an operator.`
  return {
    ...{ record, group, attempts, handler: due.handler, redrives: redrivesOf(record) },
    error: new OccError('OCC_PARKED_DROPPED', text),
    failedAt: systemClock.now(),
  }
}
