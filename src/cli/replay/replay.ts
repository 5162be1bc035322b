import { createReplay } from '../../app/create-replay.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { DeadLetter } from '../../kernel/shapes/dead-letter.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import type { Flags } from '../arguments.ts'
import { watchUncaught } from '../handler/watch-uncaught.ts'
import { commandLog } from '../terminal/command-log.ts'
import { interruptSignal } from '../terminal/interrupt.ts'
import type { Io } from '../terminal/io.ts'
import { printable } from '../terminal/printable.ts'
import { counted, createProgressBar, formatCount, secondText } from '../terminal/terminal.ts'
import { dryRun, type RunParts } from './dry-run.ts'
import type { replayFlags } from './flags.ts'
import { partsOf, questionOf, type ReplayQuestion } from './plan.ts'
import { createProgress, type ReplayProgress, readProgress } from './progress-file.ts'

/** Dead letters that are named. */
const MAX_NAMED = 20
/** Milliseconds between two looks at the progress. */
const LOOK = 100
/** Milliseconds after which records that only failed are given up. */
const PATIENCE = 5_000

/** Handles a range again. Exit code 1 if something of it was not handled. */
export async function replay(flags: Flags<typeof replayFlags>, io: Io): Promise<number> {
  const question = await questionOf(flags, io)
  const { config, range } = question
  const log = commandLog(io, config.log.level === 'info' ? 'warn' : config.log.level)
  const { signal, release } = interruptSignal(io)
  const file = flags.progress ?? null
  try {
    const topics = Object.fromEntries(
      question.units.map((unit) => [unit.config.kafka.groupId, unit.config.kafka.topics]),
    )
    const kept = file === null ? null : await readProgress(file, range, topics)
    const parts = kept ?? (await partsOf(question, log))
    const progress = createProgress(file, range, parts)
    io.stdout.write(`${planText(question, progress, kept !== null)}\n`)
    if (flags['dry-run'] === undefined) return await run(question, progress, { log, signal, io })
    let areAllFine = true
    for (const { config: own } of question.units) {
      const ofUnit = parts[own.kafka.groupId] ?? []
      areAllFine = (await dryRun(own, ofUnit, { log, signal, io })) && areAllFine
    }
    io.stdout.write('Nothing was sent to a sink.\n')
    return areAllFine && !signal.aborted ? 0 : 1
  } finally {
    release()
  }
}

function planText({ from, to, range }: ReplayQuestion, progress: ReplayProgress, goesOn: boolean) {
  const { handler, topic } = range
  const parts = Object.values(progress.parts).flat()
  const topics = [...new Set(parts.map((part) => part.topic))].join(', ')
  const who = handler === null ? 'all handlers' : `handler ${handler}`
  const when = goesOn
    ? `from ${range.from} to ${range.to}, continued`
    : `from ${secondText(from)} to ${secondText(to)}`
  const done = progress.done()
  const left = done === 0 ? '' : `, ${formatCount(done)} of them done`
  return `Replay of ${topic ?? topics} ${when}, ${who}: ${counted(progress.total, 'offset')}${left}.`
}

async function run(
  { config, units }: ReplayQuestion,
  progress: ReplayProgress,
  { log, signal, io }: RunParts,
): Promise<number> {
  const letters: DeadLetter[] = []
  let letterCount = 0
  let lost = 0
  const unread: string[] = []
  // A file that cannot be written is said before anything is handled.
  await progress.finished('', [])
  const replay = createReplay(
    config,
    units.map((unit) => ({ ...unit, parts: progress.parts[unit.config.kafka.groupId] ?? [] })),
    {
      finished: progress.finished,
      deadLetter(letter) {
        letterCount += 1
        if (letters.length < MAX_NAMED) letters.push(letter)
      },
      lost({ from, to }) {
        lost += to - from
      },
      ended(group, part, at, { message }) {
        progress.end(group, part, at)
        unread.push(message)
      },
    },
    { clock: systemClock, log },
  )
  const uncaught = watchUncaught(replay.uncaught)
  const bar = createProgressBar(io.stderr, { label: 'replay', total: progress.total })

  const failed = new AbortController()
  const ended = AbortSignal.any([signal, failed.signal])

  async function untilOver(): Promise<void> {
    let restSince: number | null = null
    while (!ended.aborted && !progress.isAtEnd()) {
      const now = performance.now()
      restSince = replay.hasOnlySuspects() ? (restSince ?? now) : null
      if (restSince !== null && now - restSince > PATIENCE) return
      const fatal = uncaught.fatal()
      if (fatal !== null) throw fatal
      await sleep(LOOK, ended)
      bar.update(progress.done())
    }
  }

  try {
    await replay.start()
    await Promise.race([untilOver(), replay.failed])
  } finally {
    failed.abort()
    await replay.stop()
    uncaught.release()
    bar.update(progress.done())
    bar.finish()
  }
  const isOver = progress.isOver()
  if (letterCount > 0) io.stdout.write(`${lettersText(letters, letterCount)}\n`)
  if (lost > 0) {
    io.stdout.write(
      `Retention deleted ${counted(lost, 'record before it was', 'records before they were')} handled.\n`,
    )
  }
  for (const message of unread) io.stdout.write(`${printable(message, 800)}\n`)
  if (!progress.isAtEnd() && !signal.aborted) {
    io.stdout.write(
      `Not handled, and no dead letter, because no record after them shows whether the record or the handler is at fault:\n  ${progress.left(MAX_NAMED).join('\n  ')}\n`,
    )
  }
  io.stdout.write(
    isOver
      ? `Done: ${counted(progress.total, 'offset')}, ${counted(letterCount, 'dead letter')}.\n`
      : `${signal.aborted ? 'Interrupted' : 'Ended'} after ${formatCount(progress.done())} of ${counted(progress.total, 'offset')}; the same command with --progress FILE continues.\n`,
  )
  return isOver && letterCount === 0 && lost === 0 ? 0 : 1
}

function lettersText(letters: readonly DeadLetter[], count: number): string {
  const more = count - letters.length
  return [
    `Dead letters of ${counted(count, 'record')} (onchain-consumer dlq list):`,
    ...letters.map(({ record, handler, error }) => {
      const why = `${error.code}: ${redactText(error.message)}`
      return `  ${printable(`${recordName(record)}  ${handler ?? 'no handler'}  ${why}`, 300)}`
    }),
    ...(more > 0 ? [`  ... and ${formatCount(more)} more`] : []),
  ].join('\n')
}
